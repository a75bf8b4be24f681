"""What a page shows, as frozen values, and how opened records become them."""
