"""A connection without a WebSocket: the device posts its frames, and asks again and again for the server's.

Both directions are numbered, so that a request or an answer that is lost on the way can come again: a frame of the
device that came before is passed over, a frame of the server is kept until a later poll says that it has arrived.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hearth.core.protocol.codec import BATCH_CHARS
from server_mock.protocol.transport import CLOSE_NORMAL, Disconnected

POLL_S = 25.0
"""How long a poll waits for a frame: proxies commonly give a request up after 30 s or 60 s."""

UNPOLLED_S = 30.0
"""How long a connection lasts without a poll."""

MAX_OUT_CHARS = BATCH_CHARS
"""How much waits for a device; a single frame may be longer. Whoever sends more waits."""

MAX_IN_FRAMES = 8
"""How many frames of a device wait to be read; who posts more waits."""

MAX_POSTS = 2
"""How many requests with frames of one connection are worked on at a time: one, and one that repeats it."""


class OutOfOrder(Exception):
    """A number that cannot come now."""


class TooManyPosts(Exception):
    """A device that posts frames does not wait for its answers."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll is answered: frames, the number of the last of them, and the close code if nothing follows."""

    cursor: int
    frames: Sequence[str] = ()
    closed: int | None = None


class PolledTransport:
    """`Transport` on requests of the device; `on_gone` is called once when nobody can ask for it any longer."""

    polled = True

    def __init__(self, on_gone: Callable[[PolledTransport], None]) -> None:
        self.id = secrets.token_urlsafe(32)
        self._on_gone = on_gone
        self._in: deque[str | None] = deque()
        self._received = 0
        self._receiving = asyncio.Lock()
        self._posts = 0
        self._out: deque[str] = deque()
        self._sent = 0
        self._chars = 0
        self._polls = 0
        self._code: int | None = None
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._expect_poll()

    # --- the server's side: `Transport` ---

    @property
    def is_open(self) -> bool:
        """Whether frames can still be sent."""
        return self._code is None

    async def accept(self) -> None:
        """Nothing: the answer to the request that opened the connection says it."""

    async def receive(self) -> str | None:
        """The device's next frame; None for one that is not text. Raises `Disconnected`."""
        while not self._in:
            await self._change()
        text = self._in.popleft()
        self._tell()
        return text

    async def send(self, text: str) -> None:
        """Send a frame, once enough of those before it have arrived. Raises `Disconnected`."""
        while self._out and self._chars + len(text) > MAX_OUT_CHARS:
            await self._change()
        if self._code is not None:
            raise Disconnected(self._code)
        # A frame is a line of the answer; JSON has line breaks only where they mean nothing.
        self._out.append(text.replace("\n", " "))
        self._chars += len(text)
        self._sent += 1
        self._tell()

    async def close(self, code: int) -> None:
        """End the connection: polls bring what was sent, then the code."""
        self.end(code)

    def end(self, code: int) -> None:
        """End the connection, if it is open."""
        if self._code is None:
            self._code = code
            self._tell()

    # --- the device's side ---

    async def take(self, first: int, frames: Sequence[str | None]) -> int:
        """Take frames of which the first has the number `first`: the number of the last that is taken now.

        Those that came before are passed over. Not all are taken where the reader is slow.
        Raises `OutOfOrder`, `TooManyPosts` and `Disconnected`.
        """
        if self._posts >= MAX_POSTS:
            raise TooManyPosts
        self._posts += 1
        try:
            async with asyncio.timeout(POLL_S), self._receiving:
                await self._take(first, frames)
        except TimeoutError:
            pass
        finally:
            self._posts -= 1
        return self._received

    async def _take(self, first: int, frames: Sequence[str | None]) -> None:
        if not 1 <= first <= self._received + 1:
            raise OutOfOrder
        for text in frames[self._received + 1 - first :]:
            while len(self._in) >= MAX_IN_FRAMES:
                await self._change()
            if self._code is not None:
                raise Disconnected(self._code)
            self._in.append(text)
            self._received += 1
            self._tell()

    async def poll(self, after: int) -> Polled:
        """What follows frame `after`, which has arrived with all before it; waits a while for the first.

        A poll that comes while another waits takes its place. Raises `OutOfOrder`.
        """
        if not self._sent - len(self._out) <= after <= self._sent:
            raise OutOfOrder
        for _ in range(after - (self._sent - len(self._out))):
            self._chars -= len(self._out.popleft())
        self._polls += 1
        turn = self._polls
        self._cancel_timer()
        self._tell()
        try:
            async with asyncio.timeout(POLL_S):
                while not self._out and self._code is None and turn == self._polls:
                    await self._changed.wait()
        except TimeoutError:
            pass
        finally:
            if turn == self._polls:
                self._expect_poll()
        return self._answer(after) if turn == self._polls else Polled(after)

    def _answer(self, after: int) -> Polled:
        frames: list[str] = []
        chars = 0
        for text in self._out:
            chars += len(text)
            if frames and chars > MAX_OUT_CHARS:
                break
            frames.append(text)
        last = len(frames) == len(self._out)
        return Polled(after + len(frames), frames, self._code if last else None)

    # --- time ---

    async def _change(self) -> None:
        """Wait until something has changed. Raises `Disconnected` when nothing will."""
        if self._code is not None:
            raise Disconnected(self._code)
        await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _expect_poll(self) -> None:
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(UNPOLLED_S, self._forsaken)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _forsaken(self) -> None:
        self._on_gone(self)
        self.end(CLOSE_NORMAL)

    def drop(self) -> None:
        """End the connection without a word: it cannot be asked for any longer."""
        self._cancel_timer()
        self._forsaken()
