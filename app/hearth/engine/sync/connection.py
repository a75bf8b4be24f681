"""The connection's tasks: connecting, reading, the heartbeat, and the wait before the next try.

Everything that happens is posted to the session's queue; nothing is decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from hearth.core.errors import ProtocolError, WrongVersion
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import DeviceEvent, Ping
from hearth.core.protocol.reorder_buffer import ReorderBuffer
from hearth.core.protocol.server_events import Pong
from hearth.core.sync.backoff import backoff_s
from hearth.core.sync.table import Signal
from hearth.engine.queue_items import ConnectionEvent, FrameReceived
from hearth.ports.device import Device
from hearth.ports.network import Socket, SocketClosed
from hearth.ports.records import Frame


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a connection waits, in seconds."""

    heartbeat_s: float = 25.0
    """Silence after which a ping goes out: below the 60 s at which proxies commonly drop an idle connection."""

    silence_s: float = 40.0
    """Silence after which the connection counts as lost: a half-open socket never says so itself."""

    progress_s: float = 45.0
    """How long a sync under way may bring nothing but pongs: longer than a disk that is retried and still answers."""

    connect_s: float = 25.0
    """How long an attempt to connect may take: longer than a WebSocket, a request and another WebSocket together."""


class Connection:
    """At most one connection at a time. What an earlier one still had to say is never posted."""

    def __init__(
        self,
        device: Device,
        account: str,
        post: Callable[[ConnectionEvent | FrameReceived], None],
        timeouts: Timeouts | None = None,
    ) -> None:
        self._device = device
        self._account = account
        self._post = post
        self._timeouts = timeouts or Timeouts()
        self._socket: Socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._attempt = 0
        self._heard_at = 0.0
        self._expects = False
        self._progressed_at = 0.0

    @property
    def polled(self) -> bool:
        """Whether frames travel by HTTP requests, since no WebSocket gets through here."""
        return self._socket is not None and self._socket.polled

    def connect(self) -> None:
        """Open a connection and read from it until `disconnect`."""
        self._own(self._run())

    def disconnect(self) -> None:
        """Close the connection and stop every task of it, the wait for the next try included."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def retry_later(self) -> None:
        """Post `RETRY_DUE` after a back-off that grows with each failed attempt."""
        delay = backoff_s(self._attempt, self._device.jitter())
        self._attempt += 1
        self._own(self._wait(delay))

    def succeeded(self) -> None:
        """The sync is complete: the next back-off starts small again."""
        self._attempt = 0

    def expect(self, expects: bool) -> None:
        """Say whether a sync is under way: then pongs alone are no sign of life."""
        if expects and not self._expects:
            self._progressed_at = self._device.monotonic()
        self._expects = expects

    def send(self, event: DeviceEvent) -> bool:
        """Send an event; whether there was a connection to send it on."""
        if self._socket is None:
            return False
        self._socket.send(codec.write_device_frame(event))
        return True

    async def _run(self) -> None:
        try:
            socket = await asyncio.wait_for(self._device.connect(self._account), self._timeouts.connect_s)
        except TimeoutError:
            self._post(ConnectionEvent(Signal.STALLED))
            return
        except SocketClosed as closed:
            self._post(_closed(closed))
            return
        self._socket = socket
        self._heard_at = self._progressed_at = self._device.monotonic()
        self._own(self._heartbeat())
        self._post(ConnectionEvent(Signal.OPENED))
        try:
            await self._read(socket)
        except SocketClosed as closed:
            self._post(_closed(closed))
        except WrongVersion as error:
            self._post(ConnectionEvent(Signal.VERSION, str(error)))
        except (ProtocolError, OverflowError) as error:
            self._post(ConnectionEvent(Signal.BAD_FRAME, str(error)))

    async def _read(self, socket: Socket) -> None:
        buffer: ReorderBuffer[Frame] = ReorderBuffer()
        while True:
            frame = await socket.receive()
            for each in buffer.take(frame.event.seq, frame):
                # One that waits for a frame before it is no news: a gap that stays is silence.
                self._heard_at = self._device.monotonic()
                if not isinstance(each.event, Pong):
                    self._progressed_at = self._heard_at
                self._post(FrameReceived(each))

    async def _heartbeat(self) -> None:
        pinged = False
        while True:
            await asyncio.sleep(self._timeouts.heartbeat_s / 5)
            now = self._device.monotonic()
            silence = now - self._heard_at
            stuck = self._expects and now - self._progressed_at >= self._timeouts.progress_s
            if silence >= self._timeouts.silence_s or stuck:
                self._post(ConnectionEvent(Signal.STALLED))
                return
            if silence < self._timeouts.heartbeat_s:
                pinged = False
            elif not pinged:
                pinged = self.send(Ping())

    async def _wait(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        self._post(ConnectionEvent(Signal.RETRY_DUE))

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _closed(closed: SocketClosed) -> ConnectionEvent:
    if closed.session_end is not None:
        return ConnectionEvent(Signal.REFUSED, session_end=closed.session_end)
    return ConnectionEvent(Signal.SUPERSEDED if closed.superseded else Signal.LOST)
