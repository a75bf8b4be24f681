"""Which store serves a session, and what is evicted when the disk is full."""
