"""The pure core: no clock, no randomness, no browser; everything here runs under plain CPython."""
