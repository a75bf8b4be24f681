"""The status line: one sentence, and how far the warming has come."""

from __future__ import annotations

from app.page.views.elements import by_id
from hearth.core.view.screen import Status


class StatusView:
    """Draws the status; the sentence is announced, the bar is not."""

    def __init__(self) -> None:
        self._bar = by_id("sync")
        self._sentence = by_id("status")
        self._progress = by_id("progress")
        self._told = ""

    def draw(self, status: Status) -> None:
        """Draw the status; a sentence that stays is not written again, so it is not announced again."""
        self._bar.dataset.tone = status.tone.value
        if status.sentence != self._told:
            self._told = status.sentence
            self._sentence.textContent = status.sentence
        self._progress.hidden = status.progress is None
        done, total = status.progress or (0, 0)
        if total:
            self._progress.max = total
            self._progress.value = min(done, total)
        else:
            self._progress.removeAttribute("value")

    def clear(self) -> None:
        """Say nothing."""
        self.draw(Status())
