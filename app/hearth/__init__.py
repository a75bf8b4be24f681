"""Hearth's engine: sync, encryption, storage and search of an account, without a page."""
