"""The mock of the warming protocol: sign-in, sessions, warming, changes, writes."""
