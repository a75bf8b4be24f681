"""The port for an assistant that answers in chats."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from hearth.core.assistant.question import Turn


@dataclass(frozen=True, slots=True)
class AssistantOffer:
    """An assistant, and where text goes: to the server that served the page, and from there to `host`, if any."""

    server: str
    host: str


class Assistant(Protocol):
    """Asks the server's assistant. What is asked, and what it answers, is plaintext."""

    async def offer(self, account: str) -> AssistantOffer | None:
        """The assistant, or None where there is none. Raises `AssistantError` where that cannot be told."""

    def ask(self, account: str, host: str, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """The answer, piece by piece; `host` is the one that the person agreed to. Raises `AssistantError`.

        Closing the generator ends the request.
        """
