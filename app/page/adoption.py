"""When Python draws over the view that the page's first script drew from what was kept: not before it knows more."""

from __future__ import annotations

from dataclasses import dataclass

from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Phase, Screen

WHOLE_PAGE = 40
"""The messages that a chat opens with; with fewer, and older ones, the rest of the page is still to come."""
STARTING = (Phase.STARTING, Phase.SIGNED_IN)
"""The phases in which the view may stay on screen."""


@dataclass(slots=True)
class Adoption:
    """What of the view Python has not drawn yet. `chat` is the one in it, empty without one."""

    drawn: bool = False
    """Whether there is a view at all."""
    chat: str = ""
    list_due: bool = True
    chat_due: bool = True

    @property
    def over(self) -> bool:
        """Whether Python has drawn everything."""
        return not self.list_due and not self.chat_due

    def holds_list(self, screen: Screen) -> bool:
        """Whether the list stays as it is: a screen does not say yet what is in it."""
        return self.drawn and self.list_due and _is_starting(screen)

    def holds_chat(self, screen: Screen) -> bool:
        """Whether the open chat stays as it is: it is not read yet, or not as far as it is shown."""
        if not (self.drawn and self.chat and self.chat_due) or screen.phase not in STARTING:
            return False
        chat = screen.chat
        if chat is None or (chat.id == self.chat and chat.state is ChatState.LOADING):
            return not screen.restored
        # A chat opens with its end and is completed a moment later: what is above it would move twice.
        return chat.id == self.chat and chat.has_older and len(chat.messages) < WHOLE_PAGE

    def drew_list(self) -> bool:
        """Python draws the list; whether this is the first time."""
        first, self.list_due = self.list_due, False
        return first

    def drew_chat(self) -> bool:
        """Python draws the open chat; whether this is the first time."""
        first, self.chat_due = self.chat_due, False
        return first


def _is_starting(screen: Screen) -> bool:
    return screen.phase in STARTING and not screen.restored
