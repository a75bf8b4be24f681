"""The lines of an assistant's answer, as the server streams them: pieces of text, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hearth.core.errors import AssistantError
from hearth.core.view.assistant_text import FAILED

MAX_LINE_CHARS = 1_000_000
MAX_SENTENCE_CHARS = 300

CUT_OFF = "The connection broke off before the answer was complete."
UNREADABLE = "The server gave an answer that this version of Hearth cannot read."


class AnswerLines:
    """Takes the text of an answer, cut anywhere, and gives its pieces.

    `begun` says that something has come, `ended` that the answer has come to its end.
    """

    def __init__(self) -> None:
        self._rest = ""
        self.begun = False
        self.ended = False

    def feed(self, received: str) -> Iterator[str]:
        """The pieces of text in what has come. Raises `AssistantError` for what the server says went wrong."""
        self.begun = self.begun or bool(received)
        *lines, self._rest = (self._rest + received).split("\n")
        if len(self._rest) > MAX_LINE_CHARS:
            raise AssistantError(UNREADABLE)
        for line in lines:
            if self.ended:
                return
            if line.strip():
                yield from self._read(line)

    def end(self) -> None:
        """Nothing more comes. Raises `AssistantError` where the answer has not come to its end."""
        if not self.ended:
            raise AssistantError(CUT_OFF)

    def _read(self, line: str) -> Iterator[str]:
        try:
            said: Any = json.loads(line)
        except (ValueError, RecursionError):
            raise AssistantError(UNREADABLE) from None
        if not isinstance(said, dict):
            raise AssistantError(UNREADABLE)
        if "error" in said:
            raise error_of(said)
        text = said.get("text")
        if isinstance(text, str):
            yield text
        self.ended = said.get("end") is True


def error_of(answer: object) -> AssistantError:
    """What the server says went wrong: `{"error": {"code", "message"}}`."""
    error = answer.get("error") if isinstance(answer, dict) else None
    code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
    said = message if isinstance(message, str) and 0 < len(message) <= MAX_SENTENCE_CHARS else FAILED
    return AssistantError(said, code if isinstance(code, str) else "")
