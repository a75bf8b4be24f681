"""A hint on how hard a new password is to guess, from a library that is fetched when somebody first types one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.core.records.ways import MIN_PASSWORD_CHARS

TOO_SHORT = f"At least {MIN_PASSWORD_CHARS} characters. Several words are easy to remember."
UNKNOWN = "Long enough."
WORDS = (
    "Easily guessed: it is a common password, or made like one.",
    "Easily guessed. Add words that do not belong together.",
    "Could be guessed by somebody who tries hard. Add another word or two.",
    "Hard to guess.",
    "Very hard to guess.",
)
"""For each score of zxcvbn, from 0 to 4."""


class StrengthHint:
    """Says in one line what is to be said of what was typed last; nothing is forbidden but what is too short."""

    def __init__(self, place: Any, start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._place = place
        self._start = start
        self._typed = ""
        self._looking = False

    def typed(self, text: str) -> None:
        """Something was typed."""
        self._typed = text
        if len(text) < MIN_PASSWORD_CHARS:
            self._say(TOO_SHORT, "")
        elif not self._looking:
            self._looking = True
            self._start(self._look())

    async def _look(self) -> None:
        """Look at what was typed last, until nothing else was typed meanwhile."""
        looked_at = ""
        try:
            while looked_at != self._typed and len(self._typed) >= MIN_PASSWORD_CHARS:
                looked_at = self._typed
                score = await _score(looked_at)
                if looked_at == self._typed:
                    self._say(UNKNOWN if score is None else WORDS[score], "" if score is None else str(score))
        finally:
            self._looking = False

    def _say(self, sentence: str, score: str) -> None:
        if str(self._place.textContent) != sentence:
            self._place.textContent = sentence
        self._place.dataset.strength = score


async def _score(text: str) -> int | None:
    """The score of a password, from 0 to 4; None where the library cannot be fetched."""
    try:
        return min(4, max(0, int(await js.hearth.passwordScore(text))))
    except JsException:
        return None
