"""Keys that an input method takes, and events without a key, do nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.page.keyboard import key_of


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
