"""The question that is asked before signing out, when something of the person's own is not sent yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.page.views.elements import by_id
from hearth.browser.ffi import Proxies
from hearth.core.view.screen import Screen
from hearth.core.view.unsent_text import unsent_text
from hearth.engine.intents.account import SignOut, SignOutWhenSent, StaySignedIn
from hearth.engine.intents.intent import Intent


class LeavingView:
    """A dialog that stays until the person has chosen, and while what they wrote is sent first."""

    def __init__(self, proxies: Proxies, intents: Callable[[Intent], None]) -> None:
        self._intents = intents
        self._dialog = by_id("unsent")
        self._sentence = by_id("unsent-sentence")
        self._send_first = by_id("send-first")
        self._waits = False
        """Whether everything is to be sent first."""
        proxies.listen(self._dialog, "cancel", self._cancelled)

    @property
    def is_open(self) -> bool:
        """Whether the page waits for an answer."""
        return bool(self._dialog.open)

    def draw(self, screen: Screen) -> None:
        """Draw the question, or how much is still to be sent."""
        self._waits = self._waits and bool(screen.unsent)
        asked = screen.leaving or self._waits
        if asked:
            self._sentence.textContent = unsent_text(screen.unsent, waits=self._waits)
            self._send_first.hidden = self._waits
        if asked and not self.is_open:
            self._dialog.showModal()
        elif not asked and self.is_open:
            self._dialog.close()

    def send_first(self) -> None:
        """Send everything, then sign out."""
        self._waits = True
        self._intents(SignOutWhenSent())

    def lose(self) -> None:
        """Sign out now."""
        self._intents(SignOut(lose=True))

    def stay(self) -> None:
        """Stay signed in after all."""
        self._waits = False
        self._intents(StaySignedIn())

    def _cancelled(self, event: Any) -> None:
        event.preventDefault()  # the dialog goes once the engine has heard of it
        self.stay()

    def clear(self) -> None:
        """Ask nothing."""
        self.draw(Screen())
