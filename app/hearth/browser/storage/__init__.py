"""IndexedDB behind the port `Store`, and the deletion of all that is stored."""
