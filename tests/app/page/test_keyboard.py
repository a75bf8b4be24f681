"""Keys that an input method takes, and events without a key, do nothing; which Enter sends."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.page.keyboard import key_of, sends


@pytest.mark.parametrize(
    ("event", "key"),
    [
        ({"key": "Enter", "keyCode": 13, "isComposing": False}, "Enter"),
        ({"key": "/", "keyCode": 191, "isComposing": False}, "/"),
        ({"key": "Enter"}, "Enter"),
        ({"key": "Enter", "keyCode": 13, "isComposing": True}, ""),
        ({"key": "Enter", "keyCode": 229, "isComposing": False}, ""),
        ({"key": "Escape", "keyCode": 229, "isComposing": True}, ""),
        ({"key": "Process", "keyCode": 229, "isComposing": False}, ""),
        ({"key": None, "keyCode": 0, "isComposing": False}, ""),
        ({}, ""),
    ],
)
def test_only_what_the_person_pressed_for_the_page_is_a_key(event: dict[str, object], key: str) -> None:
    assert key_of(SimpleNamespace(**event)) == key


@pytest.mark.parametrize(
    ("held", "touch", "sent"),
    [
        ({}, False, True),
        ({"shiftKey": True}, False, False),
        ({"altKey": True}, False, False),
        ({"ctrlKey": True}, False, True),
        ({"ctrlKey": True, "shiftKey": True}, False, False),
        ({}, True, False),
        ({"shiftKey": True}, True, False),
        ({"ctrlKey": True}, True, True),
        ({"metaKey": True}, True, True),
        ({"keyCode": 229}, False, False),
        ({"isComposing": True, "ctrlKey": True}, False, False),
        ({"key": "x", "ctrlKey": True}, False, False),
    ],
)
def test_enter_sends_where_it_does_not_break_the_line(held: dict[str, object], touch: bool, sent: bool) -> None:
    keys = {"shiftKey": False, "altKey": False, "ctrlKey": False, "metaKey": False}
    event = SimpleNamespace(**{"key": "Enter", **keys, **held})
    assert sends(event, key_of(event), touch=touch) is sent
