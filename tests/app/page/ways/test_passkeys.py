"""A passkey's line: its name, since when, and a button whose name says which one goes."""

from __future__ import annotations

from typing import Any

from app.page.ways.passkeys import passkey_tree
from hearth.core.view.account import PasskeyItem

ITEM = PasskeyItem("the-way", "My phone", "Added Today, 12:00.")


def test_a_line_says_the_name_and_since_when() -> None:
    tree: Any = passkey_tree(ITEM)
    tag, _attributes, name, about, _button = tree
    assert tag == "li"
    assert name == ("p", {"class": "passkey-name", "dir": "auto"}, "My phone")
    assert about == ("p", {"class": "about"}, "Added Today, 12:00.")


def test_its_button_is_told_from_the_others_by_its_name_and_names_the_way() -> None:
    tree: Any = passkey_tree(ITEM)
    attributes = tree[-1][1]
    assert (attributes["aria-label"], attributes["value"]) == ("Remove My phone", "the-way")
    assert attributes["type"] == "button", "Enter in the field removes nothing"
