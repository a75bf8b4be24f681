"""One WebSocket as a channel of numbered frames: sending in order, the faults that tests ask for, and the end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hearth.core.errors import FrameTooLarge, MalformedFrame, ProtocolError, WrongVersion
from hearth.core.protocol import codec
from hearth.core.protocol.events import (
    MAX_MESSAGE_CHARS,
    DeviceEvent,
    ErrorCode,
    EventName,
    RecordsEvent,
    ServerError,
    ServerEvent,
    SessionEnd,
)
from server_mock.protocol.fault_hooks import FaultHooks
from server_mock.protocol.packing import Load, frame_text

CLOSE_S = 2.0
"""How long a device may take to read the last words that it is sent."""

SEND_S = 45.0
"""How long a device may take to make room for a frame: as long as it waits for one itself before it comes again."""

CLOSE_NORMAL, CLOSE_BAD_DATA, CLOSE_POLICY, CLOSE_TOO_BIG = 1000, 1007, 1008, 1009
CLOSE_INTERNAL, CLOSE_RESTART, CLOSE_TRY_LATER = 1011, 1012, 1013
"""RFC 6455, 7.4.1, and the registry of close codes that it founded."""
CLOSE_SESSION_OVER = 4401
"""Of the range for applications: the session is not open; the error before it says why."""

NOT_TEXT = "A frame must be text."


class Channel:
    """Sends and receives frames; `WebSocketDisconnect` says that the device has left.

    Whoever sends waits for the socket: a device that reads slowly slows its senders down, and nothing piles up. One
    that does not read for `SEND_S` is cut off: `TimeoutError`.
    """

    def __init__(self, socket: WebSocket, faults: FaultHooks) -> None:
        self._socket = socket
        self._faults = faults
        self._order = faults.frame_order()
        self._sending = asyncio.Lock()
        self._seq = 0

    async def accept(self) -> None:
        """Accept the connection."""
        await self._socket.accept()

    async def receive(self, within_s: float) -> DeviceEvent:
        """The device's next event. Raises `ProtocolError`, and `TimeoutError` when none comes in time."""
        async with asyncio.timeout(within_s):
            message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", CLOSE_NORMAL))
        text = message.get("text")
        if text is None:
            raise MalformedFrame(NOT_TEXT)
        return codec.read_device_frame(text)

    async def send(self, event: ServerEvent, load: Load | None = None) -> None:
        """Send an event under the next number, with its records."""
        async with self._sending:
            self._seq += 1
            text = frame_text(replace(event, seq=self._seq), load, self._faults.record_filter())
            for each in self._order.pass_on(text):
                await self._send_text(each)
        if not isinstance(event, RecordsEvent) or event.batch == event.of:
            await self._after(event.name)

    async def send_extra_frame(self) -> None:
        """Send the frame that a fault puts before all others."""
        async with self._sending:
            extra = self._faults.extra_frame(self._seq + 1)
            if extra is not None:
                text, counted = extra
                self._seq += counted
                await self._send_text(text)

    async def flush(self) -> None:
        """Send what a fault holds back for a neighbour: none comes for now."""
        async with self._sending:
            for each in self._order.flush():
                await self._send_text(each)

    async def refuse(self, error: ProtocolError) -> None:
        """Say what is wrong with the device's frame, and close."""
        match error:
            case WrongVersion():
                await self.last_words(ErrorCode.VERSION, str(error), CLOSE_POLICY)
            case FrameTooLarge():
                await self.last_words(ErrorCode.BAD_FRAME, str(error), CLOSE_TOO_BIG)
            case MalformedFrame():
                await self.last_words(ErrorCode.BAD_FRAME, str(error), CLOSE_BAD_DATA)
            case _:
                await self.last_words(ErrorCode.BAD_FRAME, str(error), CLOSE_POLICY)

    async def last_words(
        self, code: ErrorCode, message: str, close_code: int, reason: SessionEnd | None = None
    ) -> None:
        """Send an error, and close; a device that does not read does not hold this up."""
        with suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_S):
                shown = message[:MAX_MESSAGE_CHARS]
                await self.send(ServerError(code=code, message=shown, reason=reason))
        await self.close(close_code)

    async def close(self, code: int) -> None:
        """Close the connection, if it is still open."""
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        with suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close(code)

    async def _after(self, event: EventName) -> None:
        """What tests want to go wrong once an event has gone out."""
        if self._faults.drops_after(event):
            await self.flush()
            await self.close(CLOSE_RESTART)
            raise WebSocketDisconnect(CLOSE_RESTART)
        if event is not EventName.PONG:
            await self._faults.stall(event)

    async def _send_text(self, text: str) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnect(CLOSE_NORMAL)
        async with asyncio.timeout(SEND_S):
            await self._socket.send_text(text)
