"""The connection to the server, and what its frames do."""
