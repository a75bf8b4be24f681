"""Journeys that are told once for Chromium, Firefox and WebKit."""
