"""The view that is on screen before Python runs, until Python has drawn all of it as the same elements."""

from __future__ import annotations

import json

import js

from app.page.adoption import STARTING, Adoption
from hearth.core.view.screen import Screen


class FirstView:
    """Takes over from `first_view.js`, which keeps what is pressed until `follow` says that Python can do it."""

    def __init__(self) -> None:
        taken = str(js.hearth.view.take())
        chat, composing = json.loads(taken) if taken else ("", False)
        self.adoption = Adoption(bool(taken), str(chat))
        self.composing = bool(composing)
        """Whether an input method is composing in the message box."""
        self._ended = False

    def follow(self, screen: Screen) -> None:
        """A screen was drawn: do what was pressed, once all of the view is Python's; forget it at the sign-in form."""
        if self._ended:
            return
        signed_in = screen.phase in STARTING
        if not signed_in or (self.adoption.over and screen.restored):
            self._ended = True
            js.hearth.view.end(signed_in)
