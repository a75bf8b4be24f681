"""The region "Settings and memories", opened and closed by its button, its cross, and Escape."""

from __future__ import annotations

import js

from app.browser.views.elements import by_id, empty, fill
from app.browser.views.entries import settings_trees
from app.core.viewmodel import Screen


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
        """Draw the region as the screen says; closing it gives the focus back, unless that went elsewhere."""
        inside = bool(self._region.contains(js.document.activeElement))
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
            if self._open:
                self._title.focus()
            elif inside:
                self._button.focus()

    def clear(self) -> None:
        """Take every entry out and close."""
        empty(self._body)
        self._region.hidden = True
        self._open = False
        self._button.setAttribute("aria-expanded", "false")
        self._shell.removeAttribute("data-settings")
