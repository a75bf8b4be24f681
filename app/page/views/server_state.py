"""Where the server has another history of the account than this device: the offer to take it over, and the question."""

from __future__ import annotations

from collections.abc import Callable

from app.page.views.elements import by_id
from hearth.core.view.screen import Status
from hearth.engine.intents.account import TakeServerState
from hearth.engine.intents.intent import Intent


class ServerStateView:
    """A button beside the status line, and a dialog that says what is given up."""

    def __init__(self, intents: Callable[[Intent], None]) -> None:
        self._intents = intents
        self._offer = by_id("server-state-offer")
        self._dialog = by_id("server-state")

    @property
    def is_open(self) -> bool:
        """Whether the page waits for an answer."""
        return bool(self._dialog.open)

    def draw(self, status: Status) -> None:
        """Offer it, or no longer."""
        self._offer.hidden = not status.differs
        if self.is_open and not status.differs:
            self._dialog.close()

    def ask(self) -> None:
        """Ask whether it is meant."""
        self._dialog.showModal()

    def take(self) -> None:
        """Take over the server's state."""
        self._dialog.close()
        self._intents(TakeServerState())

    def keep(self) -> None:
        """Leave everything as it is here."""
        self._dialog.close()
