"""A passkey's line: its name, since when, and a button whose name says which one goes."""

from __future__ import annotations

from typing import Any

from app.page.ways.passkeys import passkey_tree
from hearth.core.view.account import PasskeyItem

ITEM = PasskeyItem("the-way", "My phone", "Added Today, 12:00.")


def test_a_line_says_the_name_and_since_when() -> None:
    tree: Any = passkey_tree(ITEM)
    tag, _attributes, name, about, _buttons = tree
    assert tag == "li"
    assert name == ("p", {"class": "passkey-name", "dir": "auto"}, "My phone")
    assert about == ("p", {"class": "about"}, "Added Today, 12:00.")


def test_its_buttons_are_told_from_the_others_by_their_names_and_name_the_way() -> None:
    tree: Any = passkey_tree(ITEM)
    attributes = [button[1] for button in tree[-1][2:]]
    assert [each["aria-label"] for each in attributes] == ["Rename My phone", "Remove My phone"]
    assert {each["value"] for each in attributes} == {"the-way"}
    assert {each["type"] for each in attributes} == {"button"}, "Enter in the field removes nothing"
