"""Records: which fields they have, how fields are sealed, and how a whole account is vouched for."""
