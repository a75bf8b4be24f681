"""The group "Account" of the settings: what concerns the account as a whole, row by row, and its devices.

A row with a button is a setting of the section `ACCOUNT` in `hearth.core.settings.schema`, so that a search finds it,
too; `preferences.ACTIONS` says what its button does.
"""

from __future__ import annotations

from functools import partial

from app.page.views.keyed import Item
from app.page.views.preferences import setting_tree
from hearth.core.settings.preferences import Preferences
from hearth.core.settings.schema import ACCOUNT, BY_NAME, CATALOGUE, DEVICES
from hearth.core.vdom import Element, Node, element
from hearth.core.view.account import DeviceItem, DevicesView

_TITLE, _LIST = "account-title", f"setting-{DEVICES}"
_LOADING = "The list is on its way…"


def account_item(preferences: Preferences, devices: DevicesView) -> Item:
    """The group."""
    return ("account", (preferences, devices), partial(account_tree, preferences, devices))


def account_tree(preferences: Preferences, devices: DevicesView) -> Element:
    """The group with its rows, the devices last."""
    rows = [setting_tree(each, preferences) for each in CATALOGUE if each.section == ACCOUNT and each.name != DEVICES]
    return element(
        "section",
        {"class": "own", "role": "group", "aria-labelledby": _TITLE},
        ("h3", {"id": _TITLE}, ACCOUNT),
        *rows,
        _devices(devices),
    )


def _devices(view: DevicesView) -> Element:
    label, about = BY_NAME[DEVICES].label, BY_NAME[DEVICES].about
    parts: list[Node] = [
        ("div", {"class": "told"}, ("h4", {"id": _LIST}, label), ("p", {"class": "about"}, about)),
    ]
    if view.problem:
        parts.append(("p", {"class": "problem", "role": "status"}, view.problem))
    if view.items:
        parts.append(element("ul", {"role": "list", "aria-labelledby": _LIST}, *map(_device, view.items)))
    elif not view.problem:
        parts.append(("p", {"class": "about"}, _LOADING))
    if sum(each.can_end for each in view.items) > 1:
        named = {"type": "button", "class": "do", "data-action": "end-others"}
        parts.append(("button", named, "Sign out all others"))
    return element("div", {"class": "row devices", "id": f"place-{DEVICES}", "tabindex": "-1"}, *parts)


def _device(item: DeviceItem) -> Element:
    parts: list[Node] = [
        ("p", {"class": "device-name", "dir": "auto"}, item.name),
        ("p", {"class": "about"}, item.about),
    ]
    if item.can_end:
        named = {"type": "button", "data-action": "end-device", "data-device": item.id}
        parts.append(("button", {**named, "aria-label": f"Sign out {item.name}"}, "Sign out"))
    current = {"aria-current": "true"} if item.current else {}
    return element("li", current, *parts)
