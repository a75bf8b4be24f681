"""The demo account and its conversations."""
