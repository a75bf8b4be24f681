"""Drives Chromium, Firefox and WebKit alike, so that a journey is told once for all of them."""
