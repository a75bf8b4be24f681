"""What a person is told who signs out while something of their own is not sent."""

from __future__ import annotations


def unsent_text(unsent: int, *, waits: bool) -> str:
    """What there is to say of so many changes that are not sent."""
    changes = "1 change" if unsent == 1 else f"{unsent} changes"
    if waits:
        return f"Sending {changes}. You are signed out as soon as the server has everything."
    are, them = ("is", "it is") if unsent == 1 else ("are", "they are")
    return f"{changes} {are} not sent yet. If you sign out now, {them} lost."


def lost_text(unsent: int) -> str:
    """What there is to say of so many changes that went with a session; begins with a space."""
    if not unsent:
        return ""
    return " 1 change was not sent and is lost." if unsent == 1 else f" {unsent} changes were not sent and are lost."
