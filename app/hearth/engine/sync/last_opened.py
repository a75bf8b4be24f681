"""The server's `last_opened` follows what the person opens: in order, without flooding, offline too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

INTERVAL_S = 1.0
"""At most one write in this time: who leafs through ten chats makes two writes, not ten."""


class LastOpened:
    """Sends the latest choice at once, then at most one each `INTERVAL_S`, and only what the server does not know.

    `send` answers whether there was a connection; what could not be sent is kept for `flush`.
    """

    def __init__(self, send: Callable[[str], bool], interval_s: float = INTERVAL_S) -> None:
        self._send = send
        self._interval_s = interval_s
        self._known: str | None = None
        self._wanted: str | None = None
        self._pause: asyncio.Task[None] | None = None

    def settled(self, chat_id: str | None) -> None:
        """The server named what it has."""
        self._known = chat_id
        if self._wanted is None:
            self._wanted = chat_id

    def choose(self, chat_id: str) -> None:
        """The person opened a chat."""
        self._wanted = chat_id
        self.flush()

    def flush(self) -> None:
        """Send what the server does not know yet, unless one went out just now: then it follows after the pause."""
        if self._pause is not None or self._wanted is None or self._wanted == self._known:
            return
        if self._send(self._wanted):
            self._known = self._wanted
            self._pause = asyncio.get_running_loop().create_task(self._rest())

    def stop(self) -> None:
        """Send nothing more."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._wanted = None

    async def _rest(self) -> None:
        await asyncio.sleep(self._interval_s)
        self._pause = None
        self.flush()
