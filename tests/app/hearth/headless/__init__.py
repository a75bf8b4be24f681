"""Tests of the engine under CPython, on a real server."""
