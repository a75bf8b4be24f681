"""A connection on HTTP requests behind the port `Socket`, for where no WebSocket gets through.

What the device sends is posted in order, what the server sends is asked for again and again. Both are numbered, so that
a request whose answer is lost is simply made once more. Nothing here is the browser's: `Exchange` makes the requests.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hearth.core.protocol import codec
from hearth.ports.network import SocketClosed
from hearth.ports.records import Frame

OPEN: Final = "/api/poll/open"
SEND: Final = "/api/poll/send"
POLL: Final = "/api/poll"
CLOSE: Final = "/api/poll/close"

REQUEST_S: Final = 10.0
"""How long a request may take."""
POLL_S: Final = 35.0
"""How long a poll may take: the server answers after 25 s if there is nothing."""
AGAIN_S: Final = 1.0
"""The wait before a request that failed is made again, and between polls that are answered at once with nothing."""
GIVE_UP_S: Final = 5.0
"""How long requests may fail before the connection counts as lost."""
MAX_POST_CHARS: Final = 2 * codec.MAX_DEVICE_FRAME_CHARS


class NoAnswer(Exception):
    """A request was not answered, or not by Hearth's server."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request: its status, its first line, and the others, which nobody has read yet."""

    status: int
    head: str
    lines: Sequence[Any] = ()


class Exchange(Protocol):
    """The requests of a page to the server that it came from."""

    async def post(self, path: str, lines: Sequence[str], within_s: float) -> Answer:
        """Post a JSON text, or several as lines. Raises `NoAnswer`."""

    def leave(self, path: str, body: str) -> None:
        """Post a JSON text without waiting for an answer, also while the page closes."""


class PolledSocket:
    """One connection. Made by `open_polled`; `read` makes a frame of a line."""

    polled = True

    def __init__(self, exchange: Exchange, connection: str, read: Callable[[Any], Frame]) -> None:
        self._exchange = exchange
        self.id = connection
        self._read = read
        self._lines: asyncio.Queue[Any] = asyncio.Queue()
        self._unsent: deque[str] = deque()
        self._to_send = asyncio.Event()
        self._closed = False
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._guarded(work)) for work in (self._poll_on, self._send_on)]

    async def receive(self) -> Frame:
        """The next frame. Raises `ProtocolError` for one that cannot be read, `SocketClosed` at the end."""
        line = await self._lines.get()
        if isinstance(line, SocketClosed):
            self._lines.put_nowait(line)
            raise SocketClosed(line.session_end)
        return self._read(line)

    def send(self, text: str) -> None:
        """Send a frame; nothing happens when the connection has closed."""
        if not self._closed:
            self._unsent.append(text)
            self._to_send.set()

    def close(self) -> None:
        """Close the connection, and tell the server; what was not received yet is dropped."""
        if not self._closed:
            self._exchange.leave(CLOSE, json.dumps({"connection": self.id}))
        self._finish(SocketClosed())

    def _finish(self, closed: SocketClosed) -> None:
        if self._closed:
            return
        self._closed = True
        self._lines.put_nowait(closed)
        for task in self._tasks:
            task.cancel()

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except SocketClosed as closed:
            self._finish(closed)

    async def _poll_on(self) -> None:
        cursor = 0
        while True:
            began = asyncio.get_running_loop().time()
            body = json.dumps({"connection": self.id, "after": cursor})
            answer, head = await self._ask(POLL, [body], POLL_S)
            if head.get("cursor") != cursor + len(answer.lines):
                raise SocketClosed
            cursor = head["cursor"]
            for line in answer.lines:
                self._lines.put_nowait(line)
            if head.get("closed") is not None:
                raise SocketClosed
            if not answer.lines and asyncio.get_running_loop().time() - began < AGAIN_S:
                await asyncio.sleep(AGAIN_S)

    async def _send_on(self) -> None:
        sent = 0
        while True:
            await self._to_send.wait()
            batch: list[str] = []
            chars = 0
            for text in self._unsent:
                chars += len(text)
                if batch and chars > MAX_POST_CHARS:
                    break
                batch.append(text)
            head = json.dumps({"connection": self.id, "first": sent + 1})
            _answer, said = await self._ask(SEND, [head, *batch], POLL_S)
            received = said.get("received")
            if not isinstance(received, int) or not sent <= received <= sent + len(batch):
                raise SocketClosed
            for _ in range(received - sent):
                self._unsent.popleft()
            sent = received
            if not self._unsent:
                self._to_send.clear()

    async def _ask(self, path: str, lines: Sequence[str], within_s: float) -> tuple[Answer, dict[str, Any]]:
        """The answer to a request that is made until it is answered. Raises `SocketClosed`."""
        give_up_at: float | None = None
        while True:
            try:
                answer = await self._exchange.post(path, lines, within_s)
                return answer, accepted(answer)
            except NoAnswer:
                now = asyncio.get_running_loop().time()
                give_up_at = give_up_at or now + GIVE_UP_S
                if now >= give_up_at:
                    raise SocketClosed from None
            await asyncio.sleep(AGAIN_S)


async def open_polled(exchange: Exchange, account: str, read: Callable[[Any], Frame]) -> PolledSocket:
    """Open a connection for an account. Raises `SocketClosed`, which says so when the session is over."""
    try:
        head = accepted(await exchange.post(OPEN, [json.dumps({"account": account})], REQUEST_S))
    except NoAnswer:
        raise SocketClosed from None
    connection = head.get("connection")
    if not isinstance(connection, str):
        raise SocketClosed
    return PolledSocket(exchange, connection, read)


def accepted(answer: Answer) -> dict[str, Any]:
    """The JSON object that an answer begins with. Raises `SocketClosed`, or `NoAnswer` where asking again may help."""
    if answer.status == 401:
        raise SocketClosed(codec.read_session_end(answer.head))
    if answer.status in (408, 429) or answer.status >= 500:
        raise NoAnswer
    if answer.status != 200:
        raise SocketClosed
    try:
        head = json.loads(answer.head)
    except (ValueError, RecursionError):
        raise NoAnswer from None
    if not isinstance(head, dict):
        raise NoAnswer
    return head
