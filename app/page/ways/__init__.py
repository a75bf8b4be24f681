"""The forms about the account: fetched on demand, when the first of them is opened."""
