"""The bar that says which chat was deleted, with a button that takes it back, for as long as that can be done."""

from __future__ import annotations

import js

from app.page.views.elements import by_id


class UndoView:
    """Draws the bar; the sentence is announced."""

    def __init__(self) -> None:
        self._bar = by_id("undo")
        self._sentence = by_id("undo-sentence")
        self._button = by_id("undo-button")
        self._fallback = by_id("chats")
        self.wanted = False
        """Whether the person has just deleted a chat: then the focus goes to the button."""

    def draw(self, title: str) -> None:
        """Draw the bar for a chat's title, or take it away."""
        sentence = f"“{title}” was deleted." if title else ""
        if sentence != str(self._sentence.textContent):
            self._sentence.textContent = sentence
        had_focus = bool(self._bar.contains(js.document.activeElement))
        self._bar.hidden = not title
        if title and self.wanted:
            self._button.focus()
        elif had_focus and not title:
            self._fallback.focus()
        self.wanted = self.wanted and not title

    def clear(self) -> None:
        """Take the title out."""
        self.wanted = False
        self.draw("")
