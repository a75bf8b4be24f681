"""The screen as it was drawn last: each change of it is drawn at once, or together with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from hearth.core.view.screen import Screen
from hearth.ports.page import Page

Together = Callable[[], AbstractContextManager[None]]
"""What is shown within it is drawn at its end, all at once; nothing is awaited there."""

QUIET = frozenset({"chat", "groups", "older", "status", "synced", "unread", "unsent", "loses_when_closed"})
"""Parts of the screen that are not drawn again where they compare equal to what is on it."""


class Drawing:
    """Draws screens on a page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held = 0
        self._due = False
        self.screen = Screen()

    def draw(self, screen: Screen) -> None:
        """Draw a screen, or have it drawn together with what else changes."""
        self.screen, self._due = screen, True
        if not self._held:
            self._put()

    def show(self, **parts: Any) -> None:
        """Draw the screen with other parts, if they are other ones."""
        changed = {name: part for name, part in parts.items() if not self._is_on_it(name, part)}
        if changed:
            self.draw(replace(self.screen, **changed))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Draw all that is shown within at once; see `Together`."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._put()

    def _is_on_it(self, name: str, part: Any) -> bool:
        return name in QUIET and part == getattr(self.screen, name)

    def _put(self) -> None:
        if self._due:
            self._due = False
            self._page.draw(self.screen)
