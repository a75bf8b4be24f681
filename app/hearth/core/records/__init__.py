"""Records: what they hold, how they are sealed, and which copy of one stays."""
