"""What the stand-in for Directus is made of: the dialect in, SQL out; ``directus_standin`` is its face."""
