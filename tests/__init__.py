"""Tests of the app and of the mock server."""
