"""Leader and followers among the tabs of an account."""
