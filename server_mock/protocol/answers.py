"""The answers of the assistant that are under way: how many an account may have, and each on its way to its device."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from server_mock.assistant.port import Assistant, AssistantError, Turn
from server_mock.protocol.rate_limit import QUESTIONS, Rate, RateLimiter
from server_mock.protocol.tasks import Tasks

_log = logging.getLogger(__name__)

AT_ONCE = 8
"""Answers of one account that are under way at the same time: its tabs and devices ask each by itself."""

PIECES_AHEAD = 64
"""So many pieces wait for a device that reads slowly; then the assistant waits, too."""

QUIET_S = 15.0
"""After so many seconds without a word an empty line says that the answer is still under way."""

UNEXPECTED = "The assistant could not answer. Try again in a little while."


class Answers:
    """The assistant, if there is one, within the limits of each account. `clock` is monotonic, in seconds."""

    def __init__(self, assistant: Assistant | None, clock: Callable[[], float], rate: Rate = QUESTIONS) -> None:
        self.assistant = assistant
        self._limiter = RateLimiter(rate, clock)
        self._under_way: Counter[str] = Counter()
        self._tasks = Tasks()

    def wait_s(self, account: str) -> int:
        """Whole seconds until the account may ask; 0 when it may now."""
        return self._limiter.wait_s(account)

    def is_busy(self, account: str) -> bool:
        """Whether the account waits for as many answers as it may."""
        return self._under_way[account] >= AT_ONCE

    def clear_limits(self) -> None:
        """Forget what was asked."""
        self._limiter.clear_all()

    def begin(self, assistant: Assistant, account: str, turns: Sequence[Turn]) -> AsyncGenerator[bytes, None]:
        """The lines of an answer; it ends when the generator is closed, or dropped."""
        self._limiter.count(account)
        return self._lines(assistant, account, turns)

    async def close(self) -> None:
        """End what is under way."""
        await self._tasks.close()
        if self.assistant is not None:
            await self.assistant.close()

    async def _lines(self, assistant: Assistant, account: str, turns: Sequence[Turn]) -> AsyncGenerator[bytes, None]:
        lines: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES_AHEAD)
        task = self._tasks.start(self._answer(assistant, account, turns, lines))
        try:
            while True:
                try:
                    async with asyncio.timeout(QUIET_S):
                        line = await lines.get()
                except TimeoutError:
                    line = b"\n"
                if line is None:
                    return
                yield line
        finally:
            task.cancel()

    async def _answer(
        self, assistant: Assistant, account: str, turns: Sequence[Turn], lines: asyncio.Queue[bytes | None]
    ) -> None:
        """Put the answer into `lines`, its end or what went wrong last, and then None."""
        self._under_way[account] += 1
        try:
            async with aclosing(assistant.answer(turns)) as pieces:
                async for piece in pieces:
                    await lines.put(_line(text=piece))
            last = _line(end=True)
        except AssistantError as error:
            last = _error(str(error), error.retry_after_s)
        except Exception as error:  # noqa: BLE001 - no text of it: it could hold what the person wrote
            _log.error("An answer of the assistant failed: %s.", type(error).__name__)
            last = _error(UNEXPECTED, None)
        finally:
            self._under_way[account] -= 1
            if not self._under_way[account]:
                del self._under_way[account]
        await lines.put(last)
        await lines.put(None)


def _line(**content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _error(sentence: str, retry_after_s: int | None) -> bytes:
    error: dict[str, Any] = {"code": "assistant", "message": sentence}
    return _line(error=error if retry_after_s is None else {**error, "retry_after_s": retry_after_s})
