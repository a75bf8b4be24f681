"""The client for Directus' REST dialect."""
