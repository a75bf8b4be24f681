"""The port for the page: what draws the screen."""

from __future__ import annotations

from typing import Protocol

from hearth.core.view.screen import Screen


class Page(Protocol):
    """What is drawn."""

    def showed(self) -> str | None:
        """The chat that this tab showed before the page was loaded anew."""

    def shows_chat(self) -> bool:
        """Whether that chat is on screen already: the view that was kept of the last visit was drawn before."""

    def draw(self, screen: Screen) -> None:
        """Draw what changed since the last screen."""

    def clear(self) -> None:
        """Take every plaintext out of the page, and what it showed out of the tab's history."""

    def hide(self) -> None:
        """Take every plaintext out of the page; `showed` still answers which chat was open."""
