"""What is on the page now: each part of the engine shows its own part of the screen through here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hearth.core.view.screen import Phase, Screen
from hearth.engine.auth.notices import LOCKED
from hearth.engine.drawing import Drawing
from hearth.ports.keys import LockNote
from hearth.ports.page import Page


class ScreenState:
    """The screen, drawn whenever it changes; `on_sign_in` hears that somebody may sign in now."""

    def __init__(self, page: Page, on_sign_in: Callable[[], None]) -> None:
        self._drawing = Drawing(page)
        self._on_sign_in = on_sign_in
        self._away = False
        self.together = self._drawing.together

    @property
    def now(self) -> Screen:
        """What is on the page."""
        return self._drawing.screen

    def show(self, **parts: Any) -> None:
        """Draw the screen with these parts of it changed."""
        if not self._away:
            self._drawing.show(**parts)

    def draw(self, screen: Screen) -> None:
        """Draw another screen."""
        if not self._away:
            self._drawing.draw(screen)

    def show_sign_in(self, notice: str) -> None:
        """Draw the sign-in form."""
        self.draw(Screen(phase=Phase.SIGNED_OUT, notice=notice))
        self._on_sign_in()

    def show_locked(self, note: LockNote) -> None:
        """Draw the sign-in form for the person whose data stays on this device."""
        self.draw(Screen(phase=Phase.SIGNED_OUT, notice=LOCKED, locked=True, email=note.email, stay=note.stay))
        self._on_sign_in()

    def put_away(self) -> None:
        """The page is gone: hold nothing of it, and draw nothing any longer."""
        self._away = True
        self._drawing.screen = Screen()
