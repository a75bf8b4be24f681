"""Hearth: an end-to-end encrypted chat client whose Python runs in the browser."""
