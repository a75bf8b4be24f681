"""One transport as a channel of numbered frames: sending in order, the faults that tests ask for, and the end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from hearth.core.errors import FrameTooLarge, MalformedFrame, ProtocolError, WrongVersion
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import DeviceEvent
from hearth.core.protocol.server_events import (
    MAX_MESSAGE_CHARS,
    ErrorCode,
    EventName,
    RecordsEvent,
    ServerError,
    ServerEvent,
    SessionEnd,
)
from server_mock.protocol.fault_hooks import FaultHooks
from server_mock.protocol.metrics import Metrics
from server_mock.protocol.packing import Load, frame_text
from server_mock.protocol.transport import (
    CLOSE_BAD_DATA,
    CLOSE_NORMAL,
    CLOSE_POLICY,
    CLOSE_RESTART,
    CLOSE_TOO_BIG,
    Disconnected,
    Transport,
)

CLOSE_S = 2.0
"""How long a device may take to read the last words that it is sent."""

SEND_S = 45.0
"""How long a device may take to make room for a frame: as long as it waits for one itself before it comes again."""

NOT_TEXT = "A frame must be text."


class Channel:
    """Sends and receives frames; `Disconnected` says that the device has left.

    Whoever sends waits for the transport: a device that reads slowly slows its senders down, and nothing piles up. One
    that does not read for `SEND_S` is cut off: `TimeoutError`.
    """

    def __init__(self, transport: Transport, faults: FaultHooks, metrics: Metrics) -> None:
        self._metrics = metrics
        self._transport = transport
        self._faults = faults
        self._order = faults.frame_order()
        self._sending = asyncio.Lock()
        self._seq = 0

    @property
    def is_open(self) -> bool:
        """Whether frames can still be sent."""
        return self._transport.is_open

    async def accept(self) -> None:
        """Accept the connection."""
        await self._transport.accept()

    async def receive(self, within_s: float) -> DeviceEvent:
        """The device's next event. Raises `ProtocolError`, and `TimeoutError` when none comes in time."""
        async with asyncio.timeout(within_s):
            text = await self._transport.receive()
        if text is None:
            raise MalformedFrame(NOT_TEXT)
        return codec.read_device_frame(text)

    async def send(self, event: ServerEvent, load: Load | None = None) -> None:
        """Send an event under the next number, with its records."""
        async with self._sending:
            self._seq += 1
            self._metrics.sent.add(event.name.value)
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
        with suppress(TimeoutError, Disconnected):
            async with asyncio.timeout(CLOSE_S):
                shown = message[:MAX_MESSAGE_CHARS]
                await self.send(ServerError(code=code, message=shown, reason=reason))
        await self.close(close_code)

    async def close(self, code: int) -> None:
        """Close the connection, if it is still open."""
        if not self._transport.is_open:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._transport.close(code)

    async def _after(self, event: EventName) -> None:
        """What tests want to go wrong once an event has gone out."""
        if self._faults.drops_after(event):
            await self.flush()
            await self.close(CLOSE_RESTART)
            raise Disconnected(CLOSE_RESTART)
        if event is not EventName.PONG:
            await self._faults.stall(event)

    async def _send_text(self, text: str) -> None:
        if not self._transport.is_open:
            raise Disconnected(CLOSE_NORMAL)
        async with asyncio.timeout(SEND_S):
            await self._transport.send(text)
