"""Making an account, and the ways into one: seldom used, so nothing imports this before somebody asks for it."""
