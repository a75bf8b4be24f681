"""The engine: an end-to-end encrypted chat client without a page."""
