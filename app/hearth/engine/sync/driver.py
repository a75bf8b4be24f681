"""Carries out what the sync table asks for, one signal after another: connect, greet, store, confirm, retry."""

from __future__ import annotations

from typing import assert_never

from hearth.core.protocol.device_events import Ack, Ping
from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    OlderChatsReady,
    Pong,
    RecentChatsReady,
    RecordsEvent,
    Refetched,
    Refused,
    ServerError,
    SessionEnd,
    SettingsAndMemoriesReady,
    WarmingComplete,
    Written,
)
from hearth.core.records.schema import Collection
from hearth.core.sync.machine import SyncMachine, signal_of
from hearth.core.sync.server_clock import ServerClock
from hearth.core.sync.table import SYNCING, Action, Signal, State
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.fetcher import ChatFetcher
from hearth.engine.chats.older_lister import OlderChatsLister
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.opener import ChatOpener
from hearth.engine.marks import Marks
from hearth.engine.queue_items import ConnectionEvent, Post, SessionOver
from hearth.engine.search.controller import SearchController
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.ingest import FrameIngest
from hearth.engine.sync.integrity import IntegrityChecker
from hearth.engine.sync.propagation import Propagation
from hearth.engine.sync.refetch import Refetcher
from hearth.engine.sync.status_line import StatusLine
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.outbox import PARCEL, Outbox
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.text_limit import TextLimit
from hearth.ports.device import Device
from hearth.ports.keys import KeyStore
from hearth.ports.records import Frame
from hearth.ports.storage import SyncState

OUT_OF_STEP = "The server sent less than it announced. Asking again for what is missing…"
STALLED = "Syncing has stalled. Trying again…"
NEWER_SERVER = "A newer version of Hearth is there. Reload the page to get it."


class SyncDriver:
    """The sync of one session. `key_store` notes when everything is stored; None where what is stored does not last."""

    def __init__(
        self,
        device: Device,
        account: str,
        key_store: KeyStore | None,
        machine: SyncMachine,
        connection: Connection,
        ingest: FrameIngest,
        propagation: Propagation,
        integrity: IntegrityChecker,
        open_chats: OpenChats,
        controller: ChatController,
        opener: ChatOpener,
        fetcher: ChatFetcher,
        older_lister: OlderChatsLister,
        search: SearchController,
        refetcher: Refetcher,
        status: StatusLine,
        role: TabRole,
        outbox: Outbox,
        sender: OutboxSender,
        server_clock: ServerClock,
        limit: TextLimit,
        marks: Marks,
        post: Post,
    ) -> None:
        self._device = device
        self._account = account
        self._key_store = key_store
        self._machine = machine
        self._connection = connection
        self._ingest = ingest
        self._propagation = propagation
        self._integrity = integrity
        self._open_chats = open_chats
        self._controller = controller
        self._opener = opener
        self._fetcher = fetcher
        self._older_lister = older_lister
        self._search = search
        self._refetcher = refetcher
        self._status = status
        self._role = role
        self._outbox = outbox
        self._sender = sender
        self._server_clock = server_clock
        self._limit = limit
        self._marks = marks
        self._post = post
        self._session_end = SessionEnd.UNKNOWN
        self._time_is_asked = False

    def stand(self, state: SyncState) -> None:
        """Take over where the device stands."""
        self._ingest.stand(state)
        self._integrity.restore(state)
        self._opener.last_opened.settled(state.last_opened)

    async def take_event(self, event: ConnectionEvent) -> None:
        """Take what happened to the connection."""
        if event.signal in (Signal.STALLED, Signal.BAD_FRAME, Signal.BUSY):
            self._status.trouble = event.detail or STALLED
        self._session_end = event.session_end or self._session_end
        await self.step(event.signal)
        self._search.index_if_ready()

    async def take_frame(self, frame: Frame) -> None:
        """Take a frame."""
        event = frame.event
        if isinstance(event, ServerError):
            self._status.trouble = event.message
            self._session_end = event.reason or self._session_end
        if isinstance(event, Pong):
            self._server_clock.answered(event.time, self._now_ms())
            await self._limit.told(event.max_record_chars)
        if frame.refused:
            items = "item" if frame.refused == 1 else "items"
            self._status.notice = f"{frame.refused} {items} from the server could not be read and were left out."
        await self.step(signal_of(event), frame)

    async def step(self, signal: Signal, frame: Frame | None = None) -> None:
        """Take a signal, which a frame may have brought, and do what the table says."""
        machine = self._machine
        before = machine.state
        for action in machine.step(signal).actions:
            await self._do(action, frame)
        if not machine.connected:
            self._integrity.pause()
        if before is State.CURRENT and machine.state is not State.CURRENT:
            self._controller.redraw_open()  # what is on its way waits for the network now
        self._connection.expect(machine.state in SYNCING)
        if machine.state is not before or frame is not None:
            self._status.show()

    async def _do(self, action: Action, frame: Frame | None) -> None:
        match action:
            case Action.CONNECT:
                self._connection.connect()
            case Action.GREET:
                self._time_is_asked = False
                self._sender.connected()
                self._connection.send(await self._ingest.hello(self._device.device_id()))
            case Action.DISCONNECT:
                self._connection.disconnect()
            case Action.RETRY_LATER:
                self._connection.retry_later()
            case Action.END_SESSION:
                self._post(SessionOver(self._session_end))
            case Action.ASK_RELOAD:
                self._status.trouble = NEWER_SERVER
            case Action.CONFIRM:
                if self._machine.current:
                    await self._confirm()
            case Action.SHOW_FIRST | Action.STORE | Action.FINISH | Action.APPLY | Action.APPLY_PART | Action.ANSWER:
                if frame is not None:
                    await self._use(action, frame)
            case _:
                assert_never(action)

    async def _use(self, action: Action, frame: Frame) -> None:
        """Do what the table asks for with a frame; each of its actions stands where such an event comes."""
        match frame.event:
            case FirstChatReady() as event if action is Action.SHOW_FIRST:
                await self._opener.first(frame, event)
            case Changes() as event:
                await self._apply(frame, event)
            case WarmingComplete() as event:
                await self._finish(event)
            case Written() as event:
                await self._written(event)
            case Refused() as event:
                await self._refused(frame, event)
            case RecordsEvent() as event:
                await self._store(frame, event)

    async def _store(self, frame: Frame, event: RecordsEvent) -> None:
        await self._propagation.stored(frame, event, await self._ingest.store(frame, event))
        if event.batch == event.of:
            await self._phase_stored(event)

    async def _phase_stored(self, event: RecordsEvent) -> None:
        match event:
            case SettingsAndMemoriesReady():
                self._marks.reached("settings-stored")
            case RecentChatsReady():
                self._marks.reached("recent-chats-stored")
                if self._open_chats.chosen is None and not self._open_chats.by_hand:
                    await self._opener.by_itself()
            case Refetched(collection=collection, record_id=record_id):
                self._integrity.answered(collection, record_id)
                if collection is Collection.CHATS:
                    await self._fetcher.answered(record_id)
            case OlderChatsReady():
                self._older_lister.answered()
                self._integrity.list_grew()
            case _:
                pass

    async def _apply(self, frame: Frame, event: Changes) -> None:
        ingested = await self._ingest.apply(frame, event)
        if ingested is None:
            await self.step(Signal.LOST)
            return
        await self._propagation.stored(frame, event, ingested)
        if event.batch == event.of:
            self._connection.send(Ack(stamp=event.stamp))

    async def _written(self, event: Written) -> None:
        """A write is on the disk: its records are confirmed, and its mutations leave the outbox with them."""
        answer = self._sender.answered_by(event)
        if answer is None:
            if event.since != event.stamp:
                await self.step(Signal.LOST)  # What was written is not known here: the answer to the next hello has it.
            return
        frame, change, written = answer
        ingested = await self._ingest.apply(frame, change, {PARCEL: None, **{each.name: None for each in written}})
        if ingested is None:
            await self.step(Signal.LOST)
            return
        self._sender.done(event, written)
        chosen = self._open_chats.chosen
        drawn = {chosen} if chosen and self._controller.confirm(chosen, written) else set()
        self._connection.send(Ack(stamp=event.stamp))
        await self._propagation.stored(frame, change, ingested, drawn)
        await self._outbox_changed()

    async def _refused(self, frame: Frame, event: Refused) -> None:
        """A write was refused: what it met is stored first, since it is made again of that."""
        await self._propagation.stored(frame, event, await self._ingest.store(frame, event))
        if event.batch == event.of:
            await self._sender.refused(event)
            self._controller.redraw()
            await self._outbox_changed()

    async def _outbox_changed(self) -> None:
        self._role.tell_outbox()
        if not self._outbox.mutations:
            self._device.mark("outbox-empty")
        await self._sender.push()

    async def _finish(self, event: WarmingComplete) -> None:
        if not await self._ingest.finish(event):
            self._status.trouble = OUT_OF_STEP
            await self.step(Signal.STALLED)
            return
        self._connection.send(Ack(stamp=event.stamp))
        if self._key_store is not None:
            self._key_store.note_stored(self._account)
        self._marks.reached("warm")
        await self._controller.refresh(set(), set(), set())
        self._search.index_if_ready()

    async def _confirm(self) -> None:
        self._connection.succeeded()
        self._status.trouble = ""
        self._opener.confirmed()
        self._refetcher.ask()
        self._marks.reached("up-to-date")
        self._integrity.confirmed()
        self._fetcher.ask_again()
        self._older_lister.ask_again()
        if not self._time_is_asked:
            self.ask_time()
        self._controller.redraw_open()
        await self._sender.push()

    def ask_time(self) -> None:
        """Ask the server for its time, if it is listening."""
        if self._machine.current:
            self._time_is_asked = True
            self._server_clock.ask(self._now_ms())
            self._connection.send(Ping())

    def _now_ms(self) -> int:
        return round(self._device.now().timestamp() * 1000)
