"""A person's data on its way out of the account, and into it."""
