"""The warming protocol: its events, how they are written as frames, and the order in which they are taken."""
