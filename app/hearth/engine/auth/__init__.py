"""Signing in and signing out."""
