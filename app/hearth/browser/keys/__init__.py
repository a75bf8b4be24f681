"""The master key between page loads."""
