"""The region "Settings and memories": entries grouped by app, settings before memories."""

from __future__ import annotations

from app.browser.views.elements import by_id, empty, fill, icon
from app.core.tree import Element, Node
from app.core.viewmodel import AppEntries, Entry, Screen

_NOTHING = "No app has stored settings or memories for you yet."


class SettingsView:
    """Draws the region, and moves the focus into it and back to the button that opened it."""

    def __init__(self) -> None:
        self._shell = by_id("shell")
        self._region = by_id("settings")
        self._body = by_id("settings-body")
        self._title = by_id("settings-title")
        self._button = by_id("settings-button")
        self._open = False

    def draw(self, screen: Screen) -> None:
        """Draw the region as the screen says."""
        self._region.hidden = not screen.settings_open
        self._button.setAttribute("aria-expanded", "true" if screen.settings_open else "false")
        self._shell.toggleAttribute("data-settings", screen.settings_open)
        if not screen.settings_open:
            empty(self._body)
        elif screen.settings_ready:
            fill(self._body, settings_trees(screen.settings))
        else:
            fill(self._body, [("p", {"class": "waiting"}, "Settings and memories are on their way…")])
        if screen.settings_open is not self._open:
            self._open = screen.settings_open
            (self._title if self._open else self._button).focus()

    def clear(self) -> None:
        """Take every entry out and close."""
        empty(self._body)
        self._region.hidden = True
        self._open = False
        self._button.setAttribute("aria-expanded", "false")
        self._shell.removeAttribute("data-settings")


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
