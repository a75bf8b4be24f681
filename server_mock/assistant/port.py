"""The port for an assistant: what it is asked, and what it answers, piece by piece."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MAX_ANSWER_CHARS = 150_000
"""The longest answer: what comes after that is not passed on. As UTF-8 it still fits into one message."""

TOO_LONG = "The answer is longer than Hearth takes. What came of it is kept."


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the chat that is asked about; `role` is `user` or `assistant`."""

    role: str
    content: str = field(repr=False)


class AssistantError(Exception):
    """There is no answer, or no more of it; the text is a sentence for the person and holds nothing of the chat."""

    def __init__(self, sentence: str, retry_after_s: int | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class Assistant(Protocol):
    """Answers a chat. Nothing that it is asked, or answers, is stored or logged."""

    @property
    def host(self) -> str:
        """The host that the text goes to; empty where it goes no further than this server."""

    def answer(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """The answer to the last of these messages, in pieces of Markdown. Raises `AssistantError`.

        Closing the generator ends the answer.
        """

    async def close(self) -> None:
        """Close what is open."""
