"""The thin browser side: each module adapts one browser facility to a port of `hearth.ports`."""
