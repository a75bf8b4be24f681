"""Which key presses are meant for the page: none that an input method takes, none that is not a key's at all."""

from __future__ import annotations

from typing import Any

INPUT_METHOD = 229
"""The `keyCode` of a press that an input method handles, by the UI Events specification. Safari tells of the press that
confirms what was composed only after `isComposing` has ended, so both are looked at."""


def key_of(event: Any) -> str:
    """The key of a `keydown`; empty when an input method takes it, or a browser that fills in a form names none."""
    if getattr(event, "isComposing", False) or getattr(event, "keyCode", 0) == INPUT_METHOD:
        return ""
    return str(getattr(event, "key", None) or "")
