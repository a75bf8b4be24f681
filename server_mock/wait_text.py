"""A time to wait, in words: for whoever has asked too often."""

from __future__ import annotations

import math


def wait_text(seconds: int) -> str:
    """So many seconds, or minutes where they are many."""
    if seconds < 120:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
