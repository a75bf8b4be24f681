"""ZIP archives, written and read piece by piece, so that neither of them is ever in memory as a whole."""
