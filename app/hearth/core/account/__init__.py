"""The account as a whole: its devices."""
