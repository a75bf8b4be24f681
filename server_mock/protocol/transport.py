"""What carries the frames of one connection, whatever it is made of; and a WebSocket as one."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

CLOSE_NORMAL, CLOSE_BAD_DATA, CLOSE_POLICY, CLOSE_TOO_BIG = 1000, 1007, 1008, 1009
CLOSE_INTERNAL, CLOSE_RESTART, CLOSE_TRY_LATER = 1011, 1012, 1013
"""RFC 6455, 7.4.1, and the registry of close codes that it founded; every transport ends with one of them."""
CLOSE_SESSION_OVER = 4401
"""Of the range for applications: the session is not open; the error before it says why."""


class Disconnected(Exception):
    """The device has left, or the connection is closed; `code` is its close code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the connection has ended with {code}")
        self.code = code


class Transport(Protocol):
    """Text frames in both directions, in order, each once; little waits on the way."""

    polled: bool
    """Whether they travel by requests of the device."""

    @property
    def is_open(self) -> bool:
        """Whether frames can still be sent."""

    async def accept(self) -> None:
        """Begin."""

    async def receive(self) -> str | None:
        """The device's next frame; None for one that is not text. Raises `Disconnected`."""

    async def send(self, text: str) -> None:
        """Send a frame, once there is room for it. Raises `Disconnected`."""

    async def close(self, code: int) -> None:
        """Let the device have what was sent, then end the connection."""


class WebSocketTransport:
    """`Transport` on a WebSocket: TCP says when there is room."""

    polled = False

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    @property
    def is_open(self) -> bool:
        """Whether the handshake was answered, and neither side has closed."""
        return self._socket.application_state is WebSocketState.CONNECTED

    async def accept(self) -> None:
        """Answer the handshake."""
        await self._socket.accept()

    async def receive(self) -> str | None:
        """The device's next frame; None for a binary one. Raises `Disconnected`."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise Disconnected(message.get("code", CLOSE_NORMAL))
        text: str | None = message.get("text")
        return text

    async def send(self, text: str) -> None:
        """Send a frame, once the socket takes it. Raises `Disconnected`."""
        try:
            await self._socket.send_text(text)
        except WebSocketDisconnect as error:
            raise Disconnected(error.code) from None

    async def close(self, code: int) -> None:
        """Say goodbye; nothing happens when the device has left."""
        with suppress(WebSocketDisconnect):
            await self._socket.close(code)
