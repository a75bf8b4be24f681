"""What is in a menu, which entry a key leads to, and where a menu opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.page.menus import Box, chat_items, entry_after, message_items, place_of
from hearth.core.records.contents import Chat
from hearth.core.view.message import Message
from hearth.core.view.open_chat import ChatState, OpenedChat

OWN = Message("m", "user", 0, "14:32", "Today", text="Hello")
WINDOW = Box(0, 0, 1000, 800)
MENU = Box(0, 0, 200, 160)


def labels(items: tuple[object, ...]) -> list[str]:
    return [str(getattr(item, "label", "")) for item in items]


def test_the_menu_of_a_chat_pins_what_is_not_pinned() -> None:
    chat = Chat("c", "Title", 0, 1)
    assert labels(chat_items(OpenedChat(chat, ChatState.READY))) == ["Rename", "Pin", "Print", "Delete chat"]
    pinned = OpenedChat(replace(chat, pinned=True), ChatState.READY)
    assert labels(chat_items(pinned)) == ["Rename", "Unpin", "Print", "Delete chat"]


def test_a_chat_whose_title_cannot_be_read_is_not_renamed() -> None:
    chat = OpenedChat(Chat("c", "Unreadable chat", 0, 1, unreadable=True), ChatState.READY)
    assert "Rename" not in labels(chat_items(chat))


@pytest.mark.parametrize(
    ("message", "writable", "expected"),
    [
        (OWN, True, ["Copy", "Edit", "Delete message"]),
        (OWN, False, ["Copy"]),
        (replace(OWN, text="", fault="It cannot be read."), True, ["Delete message"]),
        (replace(OWN, role="assistant"), True, ["Copy"]),
        (replace(OWN, role="assistant", text=""), True, []),
    ],
)
def test_only_ones_own_messages_are_edited_and_deleted(message: Message, writable: bool, expected: list[str]) -> None:
    assert labels(message_items(message, writable)) == expected


@pytest.mark.parametrize(
    ("key", "at", "to"),
    [
        ("ArrowDown", 0, 1),
        ("ArrowDown", 2, 0),
        ("ArrowUp", 0, 2),
        ("ArrowUp", 2, 1),
        ("Home", 2, 0),
        ("End", 0, 2),
        ("Enter", 1, None),
        ("", 1, None),
    ],
)
def test_keys_lead_through_a_menu_of_three(key: str, at: int, to: int | None) -> None:
    assert entry_after(key, at, 3) == to


@pytest.mark.parametrize(
    ("button", "window", "place"),
    [
        (Box(900, 100, 40, 40), WINDOW, (740, 144)),
        (Box(900, 700, 40, 40), WINDOW, (740, 536)),
        (Box(20, 100, 40, 40), WINDOW, (8, 144)),
        (Box(990, 100, 40, 40), WINDOW, (792, 144)),
        (Box(300, 60, 20, 20), Box(0, 0, 320, 150), (112, 8)),
    ],
    ids=["below", "above", "at the left edge", "at the right edge", "in a low window"],
)
def test_a_menu_opens_inside_the_window(button: Box, window: Box, place: tuple[float, float]) -> None:
    assert place_of(MENU, button, window) == place
