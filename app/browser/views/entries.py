"""Settings and memories as trees: grouped by app, settings before memories."""

from __future__ import annotations

from app.browser.views.icons import icon
from app.core.tree import Element, Node
from app.core.viewmodel import AppEntries, Entry

_NOTHING = "No app has stored settings or memories for you yet."


def settings_trees(apps: tuple[AppEntries, ...]) -> list[Node]:
    """Every app with its entries."""
    if not any(app.entries for app in apps):
        return [("p", {"class": "waiting"}, _NOTHING)]
    return [app_tree(app) for app in apps if app.entries]


def app_tree(app: AppEntries) -> Element:
    """One app: its settings, then its memories."""
    parts: list[Node] = [("h3", {"dir": "auto"}, app.name)]
    for kind, label in (("setting", "Settings"), ("memory", "Memories")):
        entries = [entry for entry in app.entries if entry.kind == kind]
        if entries:
            parts += [("h4", None, label), ("dl", {"class": kind}, *map(entry_tree, entries))]
    return ("section", {"class": "app"}, *parts)


def entry_tree(entry: Entry) -> Element:
    """One entry: its name and value, or why it cannot be read."""
    if entry.fault:
        value: Element = ("dd", {"class": "fault"}, icon("lock"), ("span", None, entry.fault))
    else:
        value = ("dd", {"dir": "auto"}, entry.value or "empty")
    return ("div", None, ("dt", {"dir": "auto"}, entry.name or "Unnamed"), value)
