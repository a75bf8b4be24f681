"""Chooses what a connection is made of: a WebSocket, or HTTP requests where no WebSocket gets through.

Some proxies refuse WebSockets, others open them and let nothing through, and both let HTTP pass. What was found is
remembered for this page load; the WebSocket is tried again now and then, and when the browser comes online again.
Nothing here is the browser's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

from hearth.browser.network.polling import Exchange
from hearth.browser.network.posting import post_frame
from hearth.core.errors import ProtocolError
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Ping
from hearth.ports.network import Socket, SocketClosed
from hearth.ports.records import Frame

OPEN_S: Final = 6.0
"""How long a WebSocket may take to open."""
ASK_S: Final = 5.0
"""After so long without a first frame the server is asked for a sign of life."""
SILENT_S: Final = 10.0
"""After so long again without a frame none will come."""
RETRY_S: Final = 300.0
"""How long the WebSocket is left alone once it is found to be blocked: twice as long each time."""
MAX_RETRY_S: Final = 3600.0


class NamedSocket(Socket, Protocol):
    """A connection that the server finds by its id."""

    @property
    def id(self) -> str:
        """Its id, which is worth nothing without the session that opened it."""


Open = Callable[[str], Awaitable[NamedSocket]]
"""Opens a connection for an account. Raises `SocketClosed`."""


class Connector:
    """Opens connections; `exchange` posts what is too long for one. `clock` is monotonic, in seconds."""

    def __init__(self, open_websocket: Open, open_polled: Open, exchange: Exchange, clock: Callable[[], float]) -> None:
        self._open_websocket = open_websocket
        self._open_polled = open_polled
        self.exchange = exchange
        self._clock = clock
        self._retry_at = 0.0
        self._found = 0
        self._silent = False

    async def connect(self, account: str) -> FallbackSocket:
        """A connection for an account, of what gets through. Raises `SocketClosed`."""
        if self._found and self._clock() < self._retry_at:
            return FallbackSocket(self, account, await self._open_polled(account))
        try:
            socket = await self.open_websocket(account)
        except SocketClosed:
            socket = await self.second_try(account)
        except TimeoutError:
            socket = await self.instead(account, silent=False)
        return FallbackSocket(self, account, socket)

    async def second_try(self, account: str) -> NamedSocket:
        """Another WebSocket, or HTTP if that is all that is answered: the server itself may just have come back.

        Raises `SocketClosed`.
        """
        polled = await self._open_polled(account)
        try:
            websocket = await self.open_websocket(account)
        except (SocketClosed, TimeoutError):
            self._note_blocked(silent=False)
            return polled
        except BaseException:
            polled.close()
            raise
        polled.close()
        return websocket

    async def open_websocket(self, account: str) -> NamedSocket:
        """A WebSocket that opens in time. Raises `SocketClosed` and `TimeoutError`."""
        async with asyncio.timeout(OPEN_S):
            return await self._open_websocket(account)

    async def instead(self, account: str, *, silent: bool) -> NamedSocket:
        """HTTP in place of a WebSocket that brought nothing; `silent` if it opened and did not end.

        Raises `SocketClosed`.
        """
        polled = await self._open_polled(account)
        self._note_blocked(silent)
        return polled

    def _note_blocked(self, silent: bool) -> None:
        wait_s = min(RETRY_S * 2**self._found, MAX_RETRY_S)
        self._found = min(self._found + 1, 10)
        self._silent = silent
        self._retry_at = self._clock() + wait_s

    def gets_through(self) -> None:
        """A WebSocket brought a frame."""
        self._found = 0

    def network_changed(self) -> None:
        """The browser is online again, perhaps elsewhere: try a WebSocket with the next connection."""
        self._retry_at = 0.0

    async def opens_again(self, account: str) -> None:
        """Return once a WebSocket opens again."""
        if self._silent:
            await asyncio.Event().wait()  # It did open: that it opens proves nothing.
        while True:
            await asyncio.sleep(max(1.0, self._retry_at - self._clock()))
            with suppress(SocketClosed, TimeoutError):
                (await self.open_websocket(account)).close()
                self._retry_at = 0.0
                return
            self._note_blocked(silent=False)


class FallbackSocket:
    """A connection whose WebSocket gives way to HTTP, unnoticed, if it ends or stays silent before its first frame.

    A long frame is posted beside it, from the first frame on: if that fails, the connection ends. Its order among the
    other frames is not kept.
    """

    def __init__(self, connector: Connector, account: str, socket: NamedSocket) -> None:
        self._connector = connector
        self._account = account
        self._socket = socket
        self._unanswered: list[str] | None = [] if not socket.polled else None
        self._trial: asyncio.Task[None] | None = None
        self._superseded = False
        self._posts: set[asyncio.Task[None]] = set()
        self._look_for_websocket()

    @property
    def polled(self) -> bool:
        """Whether frames travel by HTTP requests."""
        return self._socket.polled

    async def receive(self) -> Frame:
        """The next frame. Raises `ProtocolError` for one that cannot be read, `SocketClosed` at the end."""
        try:
            return await self._next_frame()
        except SocketClosed as closed:
            raise SocketClosed(closed.session_end, superseded=self._superseded) from None

    async def _next_frame(self) -> Frame:
        if self._unanswered is None:
            return await self._socket.receive()
        try:
            frame = await self._first_frame()
        except ProtocolError:
            self._unanswered = None
            raise
        if not self.polled:
            self._connector.gets_through()
        self._unanswered = None
        return frame

    def send(self, text: str) -> None:
        """Send a frame; nothing happens when the connection has closed."""
        if self._unanswered is not None:
            self._unanswered.append(text)
        elif len(text) > codec.POSTED_FROM_CHARS:
            task = asyncio.get_running_loop().create_task(self._post(text))
            self._posts.add(task)
            task.add_done_callback(self._posts.discard)
            return
        self._socket.send(text)

    async def _post(self, text: str) -> None:
        try:
            await post_frame(self._connector.exchange, self._socket.id, text)
        except SocketClosed:
            self._socket.close()  # The next connection learns why, and what was posted is sent again.

    def close(self) -> None:
        """Close the connection."""
        for task in (self._trial, *self._posts):
            if task is not None:
                task.cancel()
        self._socket.close()

    async def _first_frame(self) -> Frame:
        asked = ended = False
        while not self.polled:
            try:
                async with asyncio.timeout(SILENT_S if asked else ASK_S):
                    return await self._socket.receive()
            except TimeoutError:
                if asked:
                    break
                if self._unanswered:
                    self._socket.send(codec.write_device_frame(Ping()))
                    asked = True
            except SocketClosed as closed:
                if closed.session_end is not None:
                    raise
                if ended:
                    break
                asked, ended = False, True
                self._go_on_with(await self._connector.second_try(self._account))
        if not self.polled:
            self._go_on_with(await self._connector.instead(self._account, silent=asked))
        return await self._socket.receive()

    def _go_on_with(self, socket: NamedSocket) -> None:
        """Use another connection, on which everything is to be said again."""
        before, self._socket = self._socket, socket
        before.close()
        for text in self._unanswered or ():
            socket.send(text)
        self._look_for_websocket()

    def _look_for_websocket(self) -> None:
        if self.polled:
            self._trial = asyncio.get_running_loop().create_task(self._go_back())

    async def _go_back(self) -> None:
        """Once a WebSocket opens again, end this connection: the next one tries it first."""
        await self._connector.opens_again(self._account)
        self._superseded = True
        self._socket.close()
