"""A page that does nothing but draw: the port `Page` for whoever keeps no history and no view for the next start."""

from __future__ import annotations

from collections.abc import Callable

from hearth.core.view.screen import Screen


class PlainPage:
    """`hearth.ports.page.Page` made of one function, which draws a screen."""

    def __init__(self, draw: Callable[[Screen], None]) -> None:
        self.draw = draw

    def showed(self) -> str | None:
        """None: a session begins with the chat that was opened last."""
        return None

    def shows_chat(self) -> bool:
        """No: nothing is drawn before the engine runs."""
        return False

    def clear(self) -> None:
        """Draw a screen on which nothing is left."""
        self.draw(Screen())

    def hide(self) -> None:
        """Draw a screen on which nothing is left."""
        self.draw(Screen())
