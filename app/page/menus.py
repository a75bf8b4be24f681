"""The page's menus as plain values: what is in them, which entry a key leads to, and where they open."""

from __future__ import annotations

from dataclasses import dataclass

from hearth.core.view.message import Message
from hearth.core.view.open_chat import OpenedChat

MARGIN = 8.0
"""How far a menu stays away from the edges of the window, in pixels."""
GAP = 4.0
"""How far a menu stays away from its button, in pixels."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of a menu, and the action that it stands for."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is in the window, in pixels."""

    left: float
    top: float
    width: float
    height: float


def chat_items(chat: OpenedChat) -> tuple[MenuItem, ...]:
    """What can be done with the open chat."""
    rename = () if chat.chat.unreadable else (MenuItem("Rename", "rename"),)
    pin = MenuItem("Unpin", "unpin") if chat.chat.pinned else MenuItem("Pin", "pin")
    return (*rename, pin, MenuItem("Print", "print"), MenuItem("Delete chat", "delete-chat"))


def message_items(message: Message, writable: bool) -> tuple[MenuItem, ...]:
    """What can be done with a message: with one's own more, where the chat can be written in."""
    copy = (MenuItem("Copy", "copy-message"),) if message.text else ()
    if message.role != "user" or not writable:
        return copy
    edit = () if message.fault else (MenuItem("Edit", "edit"),)
    return (*copy, *edit, MenuItem("Delete message", "delete-message"))


def entry_after(key: str, at: int, count: int) -> int | None:
    """The entry that a key leads to from the one at `at`, round and round; None for another key."""
    match key:
        case "ArrowDown":
            return (at + 1) % count
        case "ArrowUp":
            return (at - 1) % count
        case "Home":
            return 0
        case "End":
            return count - 1
        case _:
            return None


def place_of(menu: Box, button: Box, window: Box) -> tuple[float, float]:
    """Left and top of a menu: below its button and at its end, above where there is no room, always in the window."""
    left = min(button.left + button.width - menu.width, window.width - menu.width - MARGIN)
    below = button.top + button.height + GAP
    above = button.top - menu.height - GAP
    fits = below + menu.height + MARGIN <= window.height
    top = below if fits or above < MARGIN else above
    return max(MARGIN, left), max(MARGIN, min(top, window.height - menu.height - MARGIN))
