"""Export of everything that an account holds; loaded on demand."""
