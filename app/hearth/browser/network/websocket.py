"""The WebSocket behind the port `Socket`: frames are parsed once, by JavaScript, as they come."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser.ffi import Proxies, error_name
from hearth.core.errors import FrameTooLarge, MalformedFrame
from hearth.core.protocol import codec
from hearth.core.records.schema import Collection
from hearth.ports.network import SocketClosed
from hearth.ports.records import Frame

_OPEN = 1


class BrowserSocket:
    """One connection. Made by `connect`; its handlers live until it has closed."""

    polled = False

    def __init__(self, socket: Any, connection: str) -> None:
        self._socket = socket
        self.id = connection
        self._frames: asyncio.Queue[Any] = asyncio.Queue()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._proxies = Proxies()
        self._proxies.listen(socket, "open", self._on_open)
        self._proxies.listen(socket, "message", self._frames.put_nowait)
        self._proxies.listen(socket, "close", self._on_close)

    async def opened(self) -> None:
        """Wait until the connection is open. Raises `SocketClosed` when it does not open."""
        await self._opened

    async def receive(self) -> Frame:
        """The next frame. Raises `ProtocolError` for one that cannot be read, `SocketClosed` at the end."""
        event = await self._frames.get()
        if event is None:
            self._frames.put_nowait(None)
            raise SocketClosed
        return read_frame(event)

    def send(self, text: str) -> None:
        """Send a frame; nothing happens when the connection has closed."""
        if self._socket.readyState == _OPEN:
            self._socket.send(text)

    def close(self) -> None:
        """Close the connection and let go of its handlers; what was not received yet is dropped."""
        self._proxies.destroy()
        self._socket.close()
        self._finish()

    def _on_open(self, _event: Any) -> None:
        if not self._opened.done():
            self._opened.set_result(None)

    def _on_close(self, _event: Any) -> None:
        self._finish()

    def _finish(self) -> None:
        if not self._opened.done():
            self._opened.set_exception(SocketClosed())
        self._frames.put_nowait(None)


def read_frame(message: Any) -> Frame:
    """Parse and check the frame of a message event, whose text never becomes a Python string.

    Raises `ProtocolError`, which says what is wrong with it.
    """
    try:
        header, sizes, records, refused = js.hearth.records.readFrame(message, codec.MAX_FRAME_CHARS)
    except JsException as error:
        if error_name(error) == "RangeError":
            limit = codec.MAX_FRAME_CHARS
            raise FrameTooLarge(f"The server sent a frame of more than {limit} characters.") from None
        raise MalformedFrame("The server sent a frame that is not a JSON object with records.") from None
    try:
        event = codec.read_server_header(json.loads(header), json.loads(sizes))
    except (ValueError, RecursionError):
        raise MalformedFrame("The server sent a frame whose header cannot be read.") from None
    bulk = {each: getattr(records, each.value) for each in Collection if hasattr(records, each.value)}
    return Frame(event, bulk, refused)


async def connect(account: str) -> BrowserSocket:
    """Open the connection to the server that served the page. Raises `SocketClosed`.

    The account is named, since the cookie may by now be that of somebody who signed in in another tab; so is the
    connection, for what is posted beside it. A page cannot see why a handshake failed: whoever asks over HTTP is told.
    """
    origin, connection = js.location.origin.replace("http", "ws", 1), str(js.crypto.randomUUID())
    query = f"account={js.encodeURIComponent(account)}&connection={connection}"
    socket = BrowserSocket(js.WebSocket.new(f"{origin}/ws?{query}"), connection)
    try:
        await socket.opened()
    except BaseException:
        socket.close()
        raise
    return socket
