"""The engine: async, on the ports only."""
