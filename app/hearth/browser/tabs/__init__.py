"""The other tabs of this browser: a channel and Web Locks."""
