"""Hearth's own settings: what there is to choose, and what an account has chosen."""
