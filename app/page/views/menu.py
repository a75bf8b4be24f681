"""The menu that a button opens: arrows go through it, Escape closes it and gives the focus back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import js

from app.page.keyboard import key_of
from app.page.menus import Box, MenuItem, entry_after, place_of
from app.page.views.elements import by_id, empty, fill
from hearth.browser.ffi import Proxies, js_object


class MenuView:
    """The one menu of the page, filled for the button that opens it. `about` is what the button belongs to."""

    def __init__(self, proxies: Proxies) -> None:
        self._menu = by_id("menu")
        self._find_button: Callable[[], Any] = lambda: None
        self.about = ""
        proxies.listen(self._menu, "keydown", self._key_pressed)
        for event in ("pointerdown", "wheel", "touchmove"):
            proxies.listen(js.document, event, self._happened)
        proxies.listen(js, "resize", lambda _event: self.close(refocus=False))
        proxies.listen(js, "popstate", lambda _event: self.close(refocus=False))

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return not self._menu.hidden

    def toggle(self, about: str, items: Sequence[MenuItem], find_button: Callable[[], Any]) -> None:
        """Open the menu at a button, or close it if it is open there; `find_button` looks the button up each time."""
        was_open = self.is_open and self.about == about
        self.close(refocus=was_open)
        if was_open or not items:
            return
        self.about, self._find_button = about, find_button
        entry = {"type": "button", "role": "menuitem", "tabindex": "-1"}
        fill(self._menu, [("button", {**entry, "data-action": item.action}, item.label) for item in items])
        self._menu.hidden = False
        button = find_button()
        button.setAttribute("aria-expanded", "true")
        self._menu.setAttribute("aria-label", str(button.getAttribute("aria-label")))
        self._place(button)
        self._menu.firstElementChild.focus(js_object(preventScroll=True))

    def _place(self, button: Any) -> None:
        """The page may be scrolled, and then the body is not where the window is."""
        window = js.document.documentElement
        left, top = place_of(
            _box(self._menu), _box(button), Box(0, 0, float(window.clientWidth), float(window.clientHeight))
        )
        body = _box(js.document.body)
        self._menu.style.setProperty("left", f"{left - body.left}px")
        self._menu.style.setProperty("top", f"{top - body.top}px")

    def close(self, *, refocus: bool) -> None:
        """Close the menu; the focus goes back to its button, or stays where it is."""
        if not self.is_open:
            return
        self._menu.hidden = True
        empty(self._menu)
        button = self._find_button()
        if button:
            button.setAttribute("aria-expanded", "false")
            if refocus:
                button.focus(js_object(preventScroll=True))

    def _key_pressed(self, event: Any) -> None:
        key = key_of(event)
        entries = list(self._menu.children)
        at = next((at for at, entry in enumerate(entries) if entry.contains(event.target)), 0)
        to = entry_after(key, at, len(entries)) if entries else None
        if to is not None:
            entries[to].focus()
        elif key in ("Escape", "Tab"):
            self.close(refocus=True)
        else:
            return
        if key != "Tab":
            event.preventDefault()
        event.stopPropagation()

    def _happened(self, event: Any) -> None:
        """Something was pressed or moved beside the menu; the press of its button closes it by itself."""
        if not self.is_open or self._menu.contains(event.target):
            return
        button = self._find_button()
        if not button or not button.contains(event.target):
            self.close(refocus=False)


def _box(part: Any) -> Box:
    where = part.getBoundingClientRect()
    return Box(float(where.left), float(where.top), float(where.width), float(where.height))
