"""What a person did and the server has not confirmed: mutations, how they are shown, and what is sent of them."""
