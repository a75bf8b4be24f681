"""One device's WebSocket: hello, what it lacks, then every change, as long as it stays.

Two tasks: the reader takes the device's frames, the pump sends what it lacks in order. Both send through one
lock, which numbers the frames; a device that reads slowly slows both down, and nothing piles up.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from contextlib import suppress
from dataclasses import replace

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.core import events, wire
from app.core.errors import FrameTooLarge, MalformedFrame, ProtocolError, WrongVersion
from app.core.events import ErrorCode, EventName, RecordsEvent, ServerEvent
from server_mock import freshness
from server_mock.accounts import UserEntry, sha256_hex
from server_mock.directus import DirectusError
from server_mock.faults import FrameOrder
from server_mock.frames import Load, Unit, frame_text, pack, render
from server_mock.freshness import Delta, UserState
from server_mock.services import Services
from server_mock.sessions import Session
from server_mock.stream import WarmingStream

_log = logging.getLogger(__name__)

IDLE_S = 90.0
"""A device that has said nothing for so long is gone: it pings far more often."""

MAX_WANTS = 100

CLOSE_S = 2.0
"""How long a device may take to read the last words that it is sent."""

CLOSE_NORMAL, CLOSE_BAD_DATA, CLOSE_POLICY, CLOSE_TOO_BIG = 1000, 1007, 1008, 1009
CLOSE_INTERNAL, CLOSE_RESTART, CLOSE_TRY_LATER = 1011, 1012, 1013
CLOSE_SESSION_OVER = 4401
"""Of the range for applications: the session has ended."""

BUSY = "The server cannot reach its data at the moment. Your device will try again by itself."
SESSION_OVER = "You have been signed out."
TWICE = "This connection has said hello already."
HELLO_FIRST = "The first frame of a connection must be hello."
NOT_TEXT = "A frame must be text."


class Connection:
    """One connection of a device whose session is open; `serve` runs it to its end."""

    def __init__(self, socket: WebSocket, session: Session, services: Services, idle_s: float = IDLE_S) -> None:
        self.session = session
        self._socket = socket
        self._services = services
        self._idle_s = idle_s
        self._sending = asyncio.Lock()
        self._order = FrameOrder(services.faults)
        self._seq = 0
        self._hello: events.Hello | None = None
        self._state: UserState = services.states.of(session.user_id)
        self._owner = sha256_hex(session.user_id)
        self._wake = asyncio.Event()
        self._wants: deque[str] = deque(maxlen=MAX_WANTS)
        self._covered: set[str] = set()
        self._position = 0
        self._life = asyncio.timeout(None)

    async def serve(self) -> None:
        """Accept the connection and serve it until either side ends it."""
        await self._socket.accept()
        self._state.listeners.add(self._wake)
        pump: asyncio.Task[None] | None = None
        try:
            async with self._life:
                self._hello = await self._greeting()
                pump = asyncio.create_task(self._pump(self._hello))
                while True:
                    await self._take(await self._receive())
        except ProtocolError as error:
            await self._refuse(error)
        except TimeoutError:
            await self._close(CLOSE_NORMAL)
        except DirectusError as error:
            await self._give_up(error)
        except WebSocketDisconnect:
            _log.debug("A device has left.")
        finally:
            self._state.listeners.discard(self._wake)
            if pump is not None:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)

    async def end_session(self) -> None:
        """Tell the device that its session is over, and close."""
        with suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_S):
                await self._send(events.ServerError(code=ErrorCode.SESSION, message=SESSION_OVER))
        await self._close(CLOSE_SESSION_OVER)
        if not self._life.expired():
            self._life.reschedule(asyncio.get_running_loop().time())

    async def _greeting(self) -> events.Hello:
        frame = await self._receive()
        if not isinstance(frame, events.Hello):
            raise MalformedFrame(HELLO_FIRST)
        return frame

    async def _receive(self) -> events.DeviceEvent:
        async with asyncio.timeout(self._idle_s):
            message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", CLOSE_NORMAL))
        text = message.get("text")
        if text is None:
            raise MalformedFrame(NOT_TEXT)
        return wire.read_device_frame(text)

    async def _take(self, frame: events.DeviceEvent) -> None:
        match frame:
            case events.Ping():
                if not self._services.sessions.is_open(self.session):
                    await self.end_session()
                    return
                await self._send(events.Pong())
            case events.Opened():
                user = await self._user()
                await self._services.last_opened.opened(user, self._state, frame.chat_id)
            case events.Want():
                self._wants.append(frame.chat_id)
                self._wake.set()
            case events.Refetch():
                await self._refetch(frame)
            case events.Hello():
                raise MalformedFrame(TWICE)
            case events.Ack():
                _log.debug("A device has everything up to its stamp.")

    async def _pump(self, hello: events.Hello) -> None:
        """Send what the device lacks, then what changes."""
        try:
            await self._send_extra_frame()
            await self._catch_up(hello)
            await self._follow()
        except DirectusError as error:
            await self._give_up(error)
        except WebSocketDisconnect:
            _log.debug("A device left while it was sent something.")
        except Exception:  # noqa: BLE001 - the connection ends here, and the log says why
            _log.exception("A device could not be served.")
            await self._close(CLOSE_INTERNAL)

    async def _user(self) -> UserEntry:
        """The account's entry; the session ends with the account."""
        user = await self._services.accounts.find(self.session.hashed_email)
        if user is None or user.id != self.session.user_id:
            self._services.sessions.end(self.session)
            await self.end_session()
            raise WebSocketDisconnect(CLOSE_SESSION_OVER)
        return user

    async def _catch_up(self, hello: events.Hello) -> None:
        services = self._services
        if hello.since is not None:
            since = services.stamps.parse(hello.since)
            delta = await freshness.standing(services.client, self._state, self._owner, since)
            if delta is not None and since is not None:
                self._position = since
                if delta.units:
                    await self._send_changes(delta)
                else:
                    await self._send(events.UpToDate(stamp=hello.since))
                return
        warming = services.warmings.start(await self._user())
        find_lost = functools.partial(freshness.not_warmed, services.client, self._owner, hello)
        stream = WarmingStream(warming, services.stamps, hello, self._wants, find_lost)
        async for event, load in stream.frames():
            self._covered = stream.covered
            await self._send(event, load)
        self._position = await warming.stamp()

    async def _follow(self) -> None:
        """Send every change after the position, for ever."""
        while True:
            self._wake.clear()
            while self._wants:
                await self._deliver(self._wants.popleft())
            changes = self._state.changes_after(self._position)
            if changes is None:
                delta = await freshness.read_delta(self._services.client, self._state, self._owner, self._position)
                if delta is None:
                    # More than a delta holds: the device comes again, and is warmed.
                    await self._close(CLOSE_RESTART)
                    return
                await self._send_changes(delta)
            for change in changes or ():
                mine = self._hello is not None and change.origin == self._hello.device_id
                # The device that made a change has it: only its cursor moves.
                await self._send_changes(Delta(change.stamp, () if mine else change.units))
            await self._flush()
            await self._wake.wait()

    async def _deliver(self, chat_id: str) -> None:
        """A chat that the warming did not bring, with all its messages; nothing if it is not the user's."""
        if chat_id in self._covered:
            return
        unit = await freshness.read_chat(self._services.client, self._owner, chat_id)
        if unit is not None:
            self._state.learn_chats([chat_id])
            self._covered.add(chat_id)
            await self._send_changes(Delta(self._position, [unit]))

    async def _refetch(self, frame: events.Refetch) -> None:
        row = await self._services.client.read(frame.collection.value, frame.record_id)
        records = []
        if row is not None and freshness.owned_by(row, self._owner):
            records = [render(frame.collection, row)]
        load = pack([Unit(records)])[0]
        event = events.Refetched(collection=frame.collection, record_id=frame.record_id, counts=load.counts())
        await self._send(event, load)

    async def _send_changes(self, delta: Delta) -> None:
        """Send changes after the position; it moves, there and on the device, with the last frame only."""
        since, stamp = self._services.stamps.text(self._position), self._services.stamps.text(delta.stamp)
        loads = pack(delta.units)
        for batch, load in enumerate(loads, start=1):
            event = events.Changes(
                since=since,
                stamp=stamp if batch == len(loads) else since,
                batch=batch,
                of=len(loads),
                counts=load.counts(),
                complete=load.complete(),
            )
            await self._send(event, load)
        self._position = delta.stamp

    async def _send(self, event: ServerEvent, load: Load | None = None) -> None:
        faults = self._services.faults
        async with self._sending:
            self._seq += 1
            alter = faults.alter if faults.corrupt_message else None
            text = frame_text(replace(event, seq=self._seq), load, alter)
            for each in self._order.pass_on(text):
                await self._send_text(each)
        if not isinstance(event, RecordsEvent) or event.batch == event.of:
            await self._after(event.name)

    async def _after(self, event: EventName) -> None:
        """What tests want to go wrong once an event has gone out."""
        if self._services.faults.drops_after(event):
            await self._flush()
            await self._close(CLOSE_RESTART)
            raise WebSocketDisconnect(CLOSE_RESTART)
        if event is not EventName.PONG:
            await self._services.faults.stall(event)

    async def _send_extra_frame(self) -> None:
        async with self._sending:
            extra = self._services.faults.extra_frame(self._seq + 1)
            if extra is not None:
                text, counted = extra
                self._seq += counted
                await self._send_text(text)

    async def _flush(self) -> None:
        async with self._sending:
            for each in self._order.flush():
                await self._send_text(each)

    async def _send_text(self, text: str) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnect(CLOSE_NORMAL)
        await self._socket.send_text(text)

    async def _refuse(self, error: ProtocolError) -> None:
        """Say what is wrong with the device's frame, and close."""
        match error:
            case WrongVersion():
                error_code, close_code = ErrorCode.VERSION, CLOSE_POLICY
            case FrameTooLarge():
                error_code, close_code = ErrorCode.BAD_FRAME, CLOSE_TOO_BIG
            case MalformedFrame():
                error_code, close_code = ErrorCode.BAD_FRAME, CLOSE_BAD_DATA
            case _:
                error_code, close_code = ErrorCode.BAD_FRAME, CLOSE_POLICY
        await self._last_words(error_code, str(error), close_code)

    async def _give_up(self, error: DirectusError) -> None:
        _log.warning("A device could not be served: %s", error)
        await self._last_words(ErrorCode.BUSY, BUSY, CLOSE_TRY_LATER)

    async def _last_words(self, code: ErrorCode, message: str, close_code: int) -> None:
        try:
            await self._send(events.ServerError(code=code, message=message[: wire.MAX_MESSAGE_CHARS]))
            await self._close(close_code)
        except WebSocketDisconnect:
            _log.debug("A device left before it was told why.")

    async def _close(self, code: int) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        # A device that does not read any more takes no farewell either.
        with suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close(code)


class Hub:
    """The open connections; beyond `max_connections` no more are taken."""

    def __init__(self, max_connections: int = 2_000) -> None:
        self._connections: set[Connection] = set()
        self._max_connections = max_connections

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def full(self) -> bool:
        """Whether no more connections are taken."""
        return len(self._connections) >= self._max_connections

    async def serve(self, connection: Connection) -> None:
        """Serve a connection, known to the hub for as long as that takes."""
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    async def end_session(self, session: Session) -> None:
        """End every connection of a session."""
        ending = [each.end_session() for each in self._connections if each.session.key == session.key]
        await asyncio.gather(*ending, return_exceptions=True)
