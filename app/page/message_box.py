"""The message box as plain values: what it holds after the engine put a text into it, and what a press sends.

The person types in the page's own box, so what the engine says of it always comes a moment later.
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.core.records.text_limit import DEFAULT_TEXT_BYTES, too_long
from hearth.core.view.open_chat import Composer


def put_in(held: str, replaced: str, text: str) -> str:
    """What a box that holds `held` is to hold once `text` has taken the place of `replaced`.

    What was typed after it stays behind the text; when the box holds something else by now, that stays as it is.
    """
    return text + held[len(replaced) :] if held.startswith(replaced) else held


@dataclass(slots=True)
class MessageBox:
    """What is known of the box of one chat."""

    chat_id: str = ""
    """The chat that is written in; empty when there is none."""
    most: int = DEFAULT_TEXT_BYTES
    """The longest text that can be sent, in bytes."""
    revision: int | None = None
    """The revision whose text was put in last; None until the first one of this chat."""
    sending: str | None = None
    """What was sent and is still in the box: it stays until the engine has it."""
    again: bool = False
    """Whether "Send" was pressed once more meanwhile."""

    def bind(self, chat_id: str) -> bool:
        """Whether this is another chat than before: its box is empty at first."""
        if chat_id == self.chat_id:
            return False
        self.chat_id, self.revision, self.sending, self.again = chat_id, None, None, False
        return True

    def take(self, composer: Composer, held: str) -> str:
        """What the box is to hold now, which holds `held`; sending ends with a new text, or with a problem."""
        if composer.chat_id != self.chat_id:
            return held
        known, self.revision = self.revision, composer.revision
        if known is None:  # what was typed before that is in the draft by now, or comes behind it
            return held if held.startswith(composer.text) else composer.text + held
        if composer.revision > known:
            replaced = composer.replaces
            if replaced is None:
                replaced = held if self.sending is None else self.sending
            if replaced == self.sending:
                self.sending = None
            return put_in(held, replaced, composer.text)
        if composer.problem:
            self.release()
        return held

    def release(self) -> None:
        """What was being sent is not under way any longer."""
        self.sending, self.again = None, False

    def press(self, held: str) -> str:
        """What a press of "Send" sends now, empty when it is nothing; a second press waits for the first to be done."""
        if self.sending is not None:
            self.again = self.again or bool(self.typed(held).strip())
            return ""
        if not held.strip() or self.too_long(held):
            return ""
        self.sending = held
        return held

    def too_long(self, held: str) -> str:
        """A sentence for a box that holds more than can be sent."""
        return too_long(held, self.most)

    def due(self) -> bool:
        """Whether a press that waited can be done now. It is told once."""
        due = self.again and self.sending is None
        self.again = self.again and not due
        return due

    def typed(self, held: str) -> str:
        """The draft: what the box holds, without what is being sent."""
        return held if self.sending is None else put_in(held, self.sending, "")
