"""Settings and memories as trees: grouped by app, settings before memories."""

from __future__ import annotations

from functools import partial

from app.page.views.icons import icon
from app.page.views.keyed import Item
from app.page.views.preferences import eye
from hearth.core.records.contents import AppEntries, Entry
from hearth.core.vdom import Element, Node, element

_NOTHING = "No app has stored settings or memories for you yet."


def app_items(apps: tuple[AppEntries, ...], hidden: frozenset[str] = frozenset()) -> list[Item]:
    """Every app with its entries; `hidden` names the apps and entries that are left out of search."""
    shown = [app for app in apps if app.entries]
    if not shown:
        return [("nothing", None, lambda: ("p", {"class": "waiting"}, _NOTHING))]
    return [(f"app {app.id}", (app, _hidden_of(app, hidden)), partial(app_tree, app, hidden)) for app in shown]


def _hidden_of(app: AppEntries, hidden: frozenset[str]) -> frozenset[str]:
    return hidden & {app.id, *(entry.id for entry in app.entries)}


def app_tree(app: AppEntries, hidden: frozenset[str] = frozenset()) -> Element:
    """One app: its settings, then its memories."""
    name: Node = ("h3", {"dir": "auto"}, app.name)
    head = element("div", {"class": "app-head"}, name, eye(app.id, app.name, app.id in hidden))
    parts: list[Node] = [head]
    for kind, label in (("setting", "Settings"), ("memory", "Memories")):
        entries = [entry for entry in app.entries if entry.kind == kind]
        if entries:
            lines = [entry_tree(entry, entry.id in hidden, app.id in hidden) for entry in entries]
            parts += [("h4", None, label), element("dl", {"class": kind}, *lines)]
    return element("section", {"class": "app", "id": f"place-{app.id}", "tabindex": "-1"}, *parts)


def entry_tree(entry: Entry, hidden: bool = False, by_app: bool = False) -> Element:
    """One entry: its name and value, or why it cannot be read."""
    name = entry.name or "Unnamed"
    if entry.fault:
        value: Element = ("dd", {"class": "fault"}, icon("lock"), ("span", None, entry.fault))
    else:
        value = ("dd", {"dir": "auto"}, entry.value or "empty")
    row = {"id": f"place-{entry.id}", "class": "entry", "tabindex": "-1"}
    return (
        "div",
        row,
        ("dt", {"dir": "auto"}, name),
        value,
        ("dd", {"class": "hide"}, eye(entry.id, name, hidden, by_app)),
    )
