"""The engine under plain CPython, signed in to a real server: for scripts, tests and services without a browser."""
