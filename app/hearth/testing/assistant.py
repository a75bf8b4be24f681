"""An assistant whose words a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from hearth.core.assistant.question import Turn
from hearth.core.errors import AssistantError
from hearth.ports.assistant import AssistantOffer


class FakeAssistant:
    """`hearth.ports.assistant.Assistant` of one device; `say`, `end` and `fail` answer what was asked last."""

    def __init__(self) -> None:
        self.offered: AssistantOffer | None = None
        """Who answers; None: nobody."""
        self.refusal: AssistantError | None = None
        """What an attempt to reach it raises."""
        self.offers = 0
        """How often it was asked whether there is one."""
        self.asked: list[tuple[str, tuple[Turn, ...]]] = []
        """The host and the messages of each question."""
        self.left = 0
        """How many answers were given up before their end."""
        self._words: asyncio.Queue[str | AssistantError | None] = asyncio.Queue()

    async def offer(self, account: str) -> AssistantOffer | None:
        """As the test has it."""
        self.offers += 1
        if self.refusal:
            raise self.refusal
        return self.offered

    async def ask(self, account: str, host: str, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """What the test says."""
        self.asked.append((host, tuple(turns)))
        if self.refusal:
            raise self.refusal
        words = self._words = asyncio.Queue()
        ended = False
        try:
            while (word := await words.get()) is not None:
                if isinstance(word, AssistantError):
                    raise word
                yield word
            ended = True
        except AssistantError:
            ended = True
            raise
        finally:
            self.left += not ended

    def say(self, *pieces: str) -> None:
        """More of the answer comes."""
        for piece in pieces:
            self._words.put_nowait(piece)

    def end(self) -> None:
        """The answer has come to its end."""
        self._words.put_nowait(None)

    def fail(self, sentence: str, code: str = "") -> None:
        """The answer breaks off."""
        self._words.put_nowait(AssistantError(sentence, code))
