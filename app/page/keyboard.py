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


def sends(event: Any, key: str, *, touch: bool) -> bool:
    """Whether a key in a box of several lines sends what is in it, rather than breaking the line.

    `key` is the event's, as `key_of` has it. On a touch keyboard, Enter breaks the line and the button sends; with
    Control or Command, Enter sends everywhere.
    """
    if key != "Enter" or event.shiftKey or event.altKey:
        return False
    return bool(event.ctrlKey or event.metaKey) or not touch
