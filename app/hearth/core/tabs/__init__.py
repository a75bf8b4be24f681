"""What the tabs of one browser say to each other."""
