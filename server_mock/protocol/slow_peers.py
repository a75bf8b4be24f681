"""uvicorn's connections with an end to their patience: a peer that stops reading, or stops asking, is cut off.

uvicorn itself waits for ever, for the end of a request as for somebody to read what it has sent.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from server_mock.protocol.channel import SEND_S
from server_mock.protocol.static import SECURITY_HEADERS

PATIENCE_S = SEND_S
"""How long a request may take to arrive, or the next part of a long one, and how long a peer may read nothing of what
waits for it."""

PART_BYTES = 64 * 1024
"""A part of a long request: a message of 1 MB arrives over 12 kbit/s."""


class Watched:
    """A transport that ends when nothing is read of what it holds; all else is the transport's own.

    `asyncio.Transport.close` waits until everything is sent, so that it, too, needs somebody who reads.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._written = 0
        self._read = 0
        self._timer: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, and look later whether it is read."""
        self._written += len(data)
        self._transport.write(data)
        if self._timer is None:
            self._look_later()

    def _look_later(self) -> None:
        waiting = self._transport.get_write_buffer_size()
        self._read = self._written - waiting
        self._timer = asyncio.get_running_loop().call_later(PATIENCE_S, self._look) if waiting else None

    def _look(self) -> None:
        waiting = self._transport.get_write_buffer_size()
        if waiting and self._written - waiting == self._read:
            self._transport.abort()
        else:
            self._look_later()


class Connection(H11Protocol):
    """HTTP whose requests have to arrive in time; what is no HTTP is told so, under the policy as all else.

    A WebSocket takes the transport over, and with it the watch over what is read.
    """

    _deadline: asyncio.TimerHandle | None = None
    _came = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(cast(asyncio.Transport, Watched(transport)))
        self._expect(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._expect(False)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request: the rest of it is due."""
        super().data_received(data)
        self._came += len(data)
        if self._came >= PART_BYTES:
            self._came = 0
            self._expect(False)
        self._expect_the_rest()

    def on_response_complete(self) -> None:
        """Let what came meanwhile be the next request."""
        super().on_response_complete()
        self._expect_the_rest()

    def _expect_the_rest(self) -> None:
        upgraded = self.transport.get_protocol() is not self
        begun = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        self._expect(not upgraded and (begun or self.conn.their_state is h11.SEND_BODY))

    def _expect(self, due: bool) -> None:
        if not due and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif due and self._deadline is None:
            self._deadline = self.loop.call_later(PATIENCE_S, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and hang up."""
        headers = [*SECURITY_HEADERS.items(), ("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=f"{msg}\n".encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
