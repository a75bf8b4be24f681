"""Hearth's own settings as trees: a group of buttons for each setting, one of which is pressed."""

from __future__ import annotations

from functools import partial
from itertools import groupby

from app.page.views.icons import icon
from app.page.views.keyed import Item
from hearth.core.settings.preferences import Preferences
from hearth.core.settings.schema import ACCOUNT, CATALOGUE, Setting
from hearth.core.vdom import Element, Node, element

ACTIONS = {
    "clear-recent": ("forget-searches", "Clear"),
    "change-password": ("change-password", "Change"),
    "change-address": ("change-address", "Change"),
    "new-recovery-key": ("new-recovery-key", "New"),
    "try-recovery-key": ("try-recovery-key", "Try"),
    "add-passkey": ("add-passkey", "Add"),
    "passkeys": ("passkeys", "Show"),
    "import-chats": ("import-chats", "Import"),
    "export-data": ("export-data", "Export"),
    "sign-out": ("sign-out", "Leave"),
    "delete-account": ("delete-account", "Delete…"),
}
"""Settings that are done rather than chosen: the action, and what its button says."""


def preference_items(preferences: Preferences) -> list[Item]:
    """Every section but the account's, which `account` draws."""
    return [
        (f"section {name}", (name, preferences), partial(section_tree, name, tuple(settings), preferences))
        for name, settings in groupby(CATALOGUE, lambda setting: setting.section)
        if name != ACCOUNT
    ]


def section_tree(name: str, settings: tuple[Setting, ...], preferences: Preferences) -> Element:
    """A section with its settings."""
    return element(
        "section", {"class": "own"}, ("h3", None, name), *(setting_tree(each, preferences) for each in settings)
    )


def setting_tree(setting: Setting, preferences: Preferences) -> Element:
    """One setting: what it is about, and its buttons."""
    about = setting.about
    if setting.name == "hidden":
        count = len(preferences.hidden)
        about += f" Hidden now: {count}." if count else " Nothing is hidden now."
    told: Node = ("p", {"class": "about"}, about)
    label: Node = ("h4", {"id": f"setting-{setting.name}"}, setting.label)
    parts: list[Node] = [("div", {"class": "told"}, label, told)]
    if setting.choices:
        chosen = preferences.of(setting.name)
        buttons = [_choice(setting, each.value, each.label, each.value == chosen) for each in setting.choices]
        group = {"class": "choices", "role": "group", "aria-labelledby": f"setting-{setting.name}"}
        parts.append(element("div", group, *buttons))
    elif setting.name in ACTIONS:
        action, text = ACTIONS[setting.name]
        named = {"type": "button", "class": "do", "data-action": action, "aria-label": setting.label}
        parts.append(("button", named, text))
    return element("div", {"class": "row", "id": f"place-{setting.name}", "tabindex": "-1"}, *parts)


def _choice(setting: Setting, value: str, label: str, chosen: bool) -> Element:
    pressed = "true" if chosen else "false"
    named = {"type": "button", "aria-pressed": pressed, "data-setting": setting.name, "data-choice": value}
    return ("button", named, label)


def eye(item: str, name: str, hidden: bool, by_app: bool = False) -> Element:
    """The button that leaves an app or an entry out of search."""
    label = f"Hide {name} from search"
    named = {"type": "button", "class": "eye", "aria-label": label, "data-hide": item}
    named["aria-pressed"] = "true" if hidden or by_app else "false"
    if by_app:
        named["disabled"] = ""
    return ("button", named, icon("eye-off" if hidden or by_app else "eye"))
