"""Options, start and stop."""
