"""One device's connection: hello, what it lacks, then every change, as long as it stays.

Two tasks: the reader takes the device's frames, the pump sends what it lacks, in order.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import assert_never

from hearth.core.errors import MalformedFrame, ProtocolError
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import (
    Ack,
    ChatOpened,
    DeviceEvent,
    Hello,
    ListOlder,
    Ping,
    ReadChats,
    Refetch,
    Want,
    Write,
)
from hearth.core.protocol.server_events import Changes, ErrorCode, Pong, RecordsEvent, Refetched, SessionEnd, UpToDate
from server_mock.directus.client import DirectusError
from server_mock.protocol import delta
from server_mock.protocol.accounts import UserEntry
from server_mock.protocol.change_log import Change, UserState
from server_mock.protocol.channel import Channel
from server_mock.protocol.chat_pages import read_page, read_whole
from server_mock.protocol.delta import Delta
from server_mock.protocol.device_writes import DeviceWrites
from server_mock.protocol.packing import Unit, in_parts, pack
from server_mock.protocol.services import Services
from server_mock.protocol.sessions import Session
from server_mock.protocol.transport import (
    CLOSE_INTERNAL,
    CLOSE_NORMAL,
    CLOSE_RESTART,
    CLOSE_SESSION_OVER,
    CLOSE_TRY_LATER,
    Disconnected,
    Transport,
)
from server_mock.protocol.warming_stream import WarmingStream
from server_mock.protocol.ways import sha256_hex

_log = logging.getLogger(__name__)

IDLE_S = 90.0
"""A device that has said nothing for so long is gone: it pings far more often."""

MAX_WANTS = 100


BUSY = "The server cannot reach its data at the moment. Your device will try again by itself."
SESSION_OVER = {
    SessionEnd.REVOKED: "You have been signed out.",
    SessionEnd.EXPIRED: "Your session has expired. Sign in again.",
    SessionEnd.UNKNOWN: "The server does not know your session. Sign in again.",
}
TWICE = "This connection has said hello already."
HELLO_FIRST = "The first frame of a connection must be hello."


class Connection:
    """One connection of a device whose session is open; `serve` runs it to its end.

    `name` is its id for whoever posts a frame beside it, or is empty.
    """

    def __init__(
        self, transport: Transport, session: Session, services: Services, idle_s: float = IDLE_S, name: str = ""
    ) -> None:
        self.session = session
        self.name = name
        self._channel = Channel(transport, services.faults, services.metrics)
        self.polled = transport.polled
        """Whether frames travel by HTTP requests."""
        self._services = services
        self._idle_s = idle_s
        self._hello: Hello | None = None
        self._state: UserState = services.states.of(session.user_id)
        self._owner = sha256_hex(session.user_id)
        self._wake = asyncio.Event()
        self._wants: deque[str] = deque(maxlen=MAX_WANTS)
        self._covered: set[str] = set()
        self._position = 0
        self._writes = DeviceWrites(services, self._state, session.user_id, self._wake)
        self._life = asyncio.timeout(None)
        self._takes = True
        self._taking = 0
        self._all_taken = asyncio.Event()
        """Set while no frame is worked on."""
        self._all_taken.set()
        self._pumping: asyncio.Task[None] | None = None
        self._answered = asyncio.Event()
        """Set while the device has the answers to all that was taken."""
        self._answered.set()

    async def serve(self) -> None:
        """Accept the connection and serve it until either side ends it."""
        await self._channel.accept()
        self._state.listeners.add(self._wake)
        try:
            async with self._life:
                self._hello = await self._greeting()
                self._pumping = asyncio.create_task(self._pump(self._hello))
                while True:
                    frame = await self._channel.receive(self._idle_s)
                    if not self._takes:
                        await asyncio.get_running_loop().create_future()  # until `restart` ends it
                    await self._take(frame)
        except ProtocolError as error:
            await self._channel.refuse(error)
        except TimeoutError:
            await self._channel.close(CLOSE_NORMAL)
        except DirectusError as error:
            await self._give_up(error)
        except Disconnected:
            _log.debug("A device has left.")
        finally:
            self._state.listeners.discard(self._wake)
            if self._pumping is not None:
                self._pumping.cancel()
                await asyncio.gather(self._pumping, return_exceptions=True)

    async def take_posted(self, text: str, most: int) -> None:
        """Take a frame that was posted beside the connection, of at most so many characters.

        It is answered over the connection; what is wrong with it ends the connection, like any other frame's.
        Raises `ProtocolError`, and `Disconnected` where there is no connection any longer.
        """
        if self._hello is None or not self._channel.is_open or not self._takes:
            raise Disconnected(CLOSE_NORMAL)
        try:
            await self._take(codec.read_device_frame(text, most))
        except ProtocolError as error:
            await self._channel.refuse(error)
            raise
        except DirectusError as error:
            await self._give_up(error)
            raise Disconnected(CLOSE_TRY_LATER) from None

    async def end_session(self) -> None:
        """Tell the device that its session is over, and why, and close."""
        reason = self._services.sessions.end_of_session(self.session)
        await self._channel.last_words(ErrorCode.SESSION, SESSION_OVER[reason], CLOSE_SESSION_OVER, reason)
        self._end()

    async def restart(self) -> None:
        """Take no more frames, answer those that were taken, and have the device come again."""
        self._takes = False
        await self._all_taken.wait()
        if self._pumping is not None:
            answered = asyncio.create_task(self._answered.wait())
            await asyncio.wait((answered, self._pumping), return_when=asyncio.FIRST_COMPLETED)
            answered.cancel()
        await self.leave()

    async def leave(self) -> None:
        """Have the device come again, at once."""
        await self._channel.close(CLOSE_RESTART)
        self._end()

    def _end(self) -> None:
        # Before its first frame, and once it is over, there is nothing to interrupt.
        with suppress(RuntimeError):
            self._life.reschedule(asyncio.get_running_loop().time())

    async def _greeting(self) -> Hello:
        frame = await self._channel.receive(self._idle_s)
        self._services.metrics.received.add(frame.name.value)
        if not isinstance(frame, Hello):
            raise MalformedFrame(HELLO_FIRST)
        # It may have ended during the handshake.
        await self._check_session()
        return frame

    async def _take(self, frame: DeviceEvent) -> None:
        self._services.metrics.received.add(frame.name.value)
        self._taking += 1
        self._all_taken.clear()
        try:
            await self._work_on(frame)
        finally:
            self._taking -= 1
            if not self._taking:
                self._all_taken.set()

    async def _work_on(self, frame: DeviceEvent) -> None:
        await self._check_session()
        match frame:
            case Ping():
                longest = self._services.records.max_record_chars
                await self._channel.send(Pong(time=self._services.clocks.now_ms(), max_record_chars=longest))
            case ChatOpened():
                user = await self._user()
                await self._services.last_opened.opened(user, self._state, frame.chat_id)
            case Want():
                self._wants.append(frame.chat_id)
                self._wake.set()
            case Refetch():
                await self._refetch(frame)
            case Write():
                await self._writes.write(frame)
                self._answered.clear()
            case ListOlder():
                await self._list_older(frame)
            case ReadChats():
                await self._answer(*await read_whole(self._services.client, self._owner, frame))
            case Hello():
                raise MalformedFrame(TWICE)
            case Ack():
                # What it wants from now on is not on it, although it was sent: there was no room for it.
                self._covered &= set(self._wants)
            case _:
                assert_never(frame)

    async def _pump(self, hello: Hello) -> None:
        """Send what the device lacks, then what changes."""
        try:
            await self._channel.send_extra_frame()
            await self._catch_up(hello)
            await self._follow()
        except DirectusError as error:
            await self._give_up(error)
        except Disconnected:
            _log.debug("A device left while it was sent something.")
        except TimeoutError:
            _log.debug("A device did not read what it was sent.")
            self._end()
        except Exception:  # noqa: BLE001 - the connection ends here, and the log says why
            _log.exception("A device could not be served.")
            await self._channel.close(CLOSE_INTERNAL)

    async def _check_session(self) -> None:
        if not self._services.sessions.is_open(self.session):
            await self.end_session()
            raise Disconnected(CLOSE_SESSION_OVER)
        self._services.sessions.seen(self.session)

    async def _user(self) -> UserEntry:
        """The account's entry; the session ends with the account."""
        user = await self._services.accounts.find(self._services.sessions.current(self.session).hashed_email)
        if user is None or user.id != self.session.user_id:
            self._services.sessions.end(self.session)
            await self.end_session()
            raise Disconnected(CLOSE_SESSION_OVER)
        return user

    async def _catch_up(self, hello: Hello) -> None:
        services = self._services
        since = services.stamps.parse(hello.since) if hello.since is not None else None
        if hello.since is not None:
            found = await delta.standing(services.client, self._state, self._owner, since)
            if found is not None and since is not None:
                self._position = since
                if found.units:
                    await self._send_changes(found)
                else:
                    await self._channel.send(UpToDate(stamp=hello.since))
                return
        warming = services.warmings.start(await self._user())
        find_lost = functools.partial(delta.not_warmed, services.client, self._owner, hello, since)
        stream = WarmingStream(warming, services.stamps, hello, self._wants, find_lost)
        async for event, load in stream.frames():
            await self._channel.send(event, load)
            self._covered |= stream.covered
        self._position = await warming.stamp()

    async def _follow(self) -> None:
        """Send every change after the position, for ever."""
        while True:
            self._wake.clear()
            while self._wants:
                await self._deliver(self._wants.popleft())
            answers = self._writes.take_waiting()
            changes = self._state.changes_after(self._position)
            if changes is None:
                found = await delta.read_delta(self._services.client, self._state, self._owner, self._position)
                if found is None:
                    # More than a delta holds: the device comes again, and is warmed.
                    await self._channel.close(CLOSE_RESTART)
                    return
                await self._send_changes(found)
            for change in changes or ():
                await self._send_change(change)
            for event, load in self._writes.replies(answers, self._position):
                await self._channel.send(event, load)
            await self._channel.flush()
            if not self._wake.is_set():
                self._answered.set()
            await self._wake.wait()
            # It may have ended or expired since: nothing more goes out then.
            await self._check_session()

    async def _send_change(self, change: Change) -> None:
        """Send a change; the device that made it has it: only its cursor moves."""
        if written := self._writes.answer_in_place_of(change, self._position):
            await self._channel.send(written)
            self._position = change.stamp
            return
        mine = self._hello is not None and change.origin == self._hello.device_id
        await self._send_changes(Delta(change.stamp, () if mine else change.units))

    async def _deliver(self, chat_id: str) -> None:
        """A chat that the warming did not bring, with all its messages; nothing if it is not the user's."""
        if chat_id in self._covered:
            return
        unit = await delta.read_chat(self._services.client, self._owner, chat_id)
        if unit is not None:
            self._state.learn_chats([chat_id])
            self._covered.add(chat_id)
            await self._send_changes(Delta(self._position, [unit]))

    async def _refetch(self, frame: Refetch) -> None:
        unit = await delta.read_again(self._services.client, self._state, self._owner, frame)
        await self._answer(Refetched(collection=frame.collection, record_id=frame.record_id), [unit])

    async def _list_older(self, frame: ListOlder) -> None:
        page = await read_page(self._services.client, self._owner, frame)
        self._state.learn_chats([row["id"] for row in page.rows])
        await self._answer(page.event, page.units)

    async def _answer(self, event: RecordsEvent, units: Sequence[Unit]) -> None:
        """Answer with records, in as many frames as they need."""
        for part, load in in_parts(event, pack(units)):
            await self._channel.send(part, load)

    async def _send_changes(self, delta: Delta) -> None:
        """Send changes after the position; it moves, there and on the device, with the last frame only."""
        since, stamp = self._services.stamps.text(self._position), self._services.stamps.text(delta.stamp)
        loads = pack(delta.units)
        for batch, load in enumerate(loads, start=1):
            event = Changes(
                since=since,
                stamp=stamp if batch == len(loads) else since,
                batch=batch,
                of=len(loads),
                counts=load.counts(),
                complete=load.complete(),
            )
            await self._channel.send(event, load)
        self._position = delta.stamp

    async def _give_up(self, error: DirectusError) -> None:
        _log.warning("A device could not be served: %s", error)
        await self._channel.last_words(ErrorCode.BUSY, BUSY, CLOSE_TRY_LATER)
