"""Asks the assistant, shows its answer as it comes, and writes it as a message."""
