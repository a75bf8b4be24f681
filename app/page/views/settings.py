"""The region "Settings and memories", opened and closed by its button, its cross, and Escape."""

from __future__ import annotations

from typing import Any

import js

from app.page.views.account import account_item
from app.page.views.elements import by_id, empty, reconcile
from app.page.views.entries import app_items
from app.page.views.keyed import Item, Keyed
from app.page.views.preferences import preference_items
from app.page.views.transfer import TRANSFER, transfer_items, transfer_parts
from hearth.browser.ffi import js_object
from hearth.core.view.screen import Screen

_WAITING = "Settings and memories are on their way…"


class SettingsView:
    """Draws the region, and moves the focus into it and back to the button that opened it."""

    def __init__(self) -> None:
        self._shell = by_id("shell")
        self._region = by_id("settings")
        self._body = by_id("settings-body")
        self._title = by_id("settings-title")
        self._button = by_id("settings-button")
        self._keyed, self._transfer = Keyed(), Keyed()
        self._open = False
        self._shows_transfer = False
        self._place = ""

    def draw(self, screen: Screen) -> None:
        """Draw the region as the screen says; closing it gives the focus back, unless that went elsewhere."""
        inside = bool(self._region.contains(js.document.activeElement))
        self._region.hidden = not screen.settings_open
        self._button.setAttribute("aria-expanded", "true" if screen.settings_open else "false")
        self._shell.toggleAttribute("data-settings", screen.settings_open)
        if screen.settings_open:
            reconcile(self._body, self._plan(screen))
        else:
            self._empty()
        if screen.settings_open and screen.transfer and not self._shows_transfer:
            # It stands below what was pressed, perhaps out of sight.
            self._body.querySelector(".transfer").scrollIntoView(js_object(block="nearest"))
        self._shows_transfer = bool(screen.transfer)
        opened = screen.settings_open and not self._open
        if screen.settings_open is not self._open:
            self._open = screen.settings_open
            if self._open:
                self._title.focus()
            elif inside:
                self._button.focus()
        if screen.settings_open and (opened or screen.settings_place != self._place):
            self._place = ""
            self._go_to(screen.settings_place)

    def _plan(self, screen: Screen) -> list[list[Any]]:
        """What the region is to hold; of an export or import that is shown already, what changed."""
        plan = self._keyed.plan(_items(screen))
        if screen.transfer is None:
            self._transfer.forget()
        for item in plan:
            if screen.transfer is not None and item[0] == TRANSFER:
                item.append(self._transfer.plan(transfer_parts(screen.transfer)))
        return plan

    def _go_to(self, place: str) -> None:
        """Bring a setting, an app or an entry into view and put the focus there, if it is on the page."""
        target = by_id(f"place-{place}") if place else None
        if target:
            self._place = place
            target.scrollIntoView(js_object(block="center"))
            target.focus(js_object(preventScroll=True))

    def _empty(self) -> None:
        empty(self._body)
        self._keyed.forget()
        self._transfer.forget()
        self._place = ""

    def clear(self) -> None:
        """Take every entry out and close."""
        self._empty()
        self._region.hidden = True
        self._open = False
        self._button.setAttribute("aria-expanded", "false")
        self._shell.removeAttribute("data-settings")


def _items(screen: Screen) -> list[Item]:
    account = account_item(screen.preferences, screen.devices)
    own = [*preference_items(screen.preferences), account, *transfer_items(screen.transfer)]
    if not screen.settings_ready:
        return [*own, ("waiting", None, lambda: ("p", {"class": "waiting"}, _WAITING))]
    head: Item = ("apps", None, lambda: ("h3", {"class": "apps"}, "Apps"))
    return [*own, head, *app_items(screen.settings, screen.preferences.hidden)]
