"""Hearth's own settings, kept in step with the server."""
