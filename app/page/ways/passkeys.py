"""One passkey of the account as a line with its button."""

from __future__ import annotations

from hearth.core.vdom import Element, element
from hearth.core.view.account import PasskeyItem


def passkey_tree(item: PasskeyItem) -> Element:
    """Its name, since when it is there, and the button that removes it."""
    named = {"type": "button", "data-action": "remove-passkey", "value": item.id}
    return element(
        "li",
        {},
        ("p", {"class": "passkey-name", "dir": "auto"}, item.name),
        ("p", {"class": "about"}, item.about),
        ("button", {**named, "aria-label": f"Remove {item.name}"}, "Remove"),
    )
