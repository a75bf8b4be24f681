"""One passkey of the account as a line with its button."""

from __future__ import annotations

from hearth.core.vdom import Element, element
from hearth.core.view.account import PasskeyItem


def passkey_tree(item: PasskeyItem) -> Element:
    """Its name, since when it is there, and the button that removes it."""
    named = {"type": "button", "value": item.id}
    rename = {**named, "data-action": "rename-passkey", "aria-label": f"Rename {item.name}"}
    remove = {**named, "data-action": "remove-passkey", "aria-label": f"Remove {item.name}"}
    return element(
        "li",
        {},
        ("p", {"class": "passkey-name", "dir": "auto"}, item.name),
        ("p", {"class": "about"}, item.about),
        ("span", {"class": "buttons"}, ("button", rename, "Rename"), ("button", remove, "Remove")),
    )
