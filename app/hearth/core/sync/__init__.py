"""The sync as a table of states and signals, and what the status line says of it."""
