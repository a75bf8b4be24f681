"""Carries out what the sync table asks for, and says in the status line how it goes."""

from __future__ import annotations

from hearth.core.protocol import events
from hearth.core.protocol.events import RecordsEvent
from hearth.core.records.schema import Collection
from hearth.core.sync.machine import CONNECTED, SYNCING, Action, Signal, signal_of
from hearth.core.sync.status import status_of, with_storage
from hearth.core.view.model import Status, Tone
from hearth.engine.queue_items import SessionOver
from hearth.engine.session_parts import Parts
from hearth.engine.storage.eviction import no_room
from hearth.engine.sync.connection import ConnectionEvent
from hearth.engine.sync.ingest import Ingested
from hearth.ports.records import Frame

OUT_OF_STEP = "The server sent less than it announced. Asking again for what is missing…"
STALLED = "Syncing has stalled. Trying again…"
NEWER_SERVER = "A newer version of Hearth is there. Reload the page to get it."


class SyncDriver:
    """The sync of one session.

    `in_memory` says, in a sentence, why what is stored does not last; it is empty when it does.
    """

    def __init__(self, parts: Parts, in_memory: str) -> None:
        self._parts = parts
        self._trouble = ""
        """What went wrong on the way; forgotten when the device is up to date again."""
        self._notice = ""
        """What stays true when it is: something was left out, or could not be stored."""
        self.lasts = not in_memory
        """Whether what is stored is there after a reload."""
        self.storage_note = in_memory
        """What is unusual about this device's storage, for as long as the session lasts."""
        self._marked: set[str] = set()

    async def happened(self, happened: ConnectionEvent) -> None:
        """Take what happened to the connection."""
        if happened.signal in (Signal.STALLED, Signal.BAD_FRAME, Signal.BUSY):
            self._trouble = happened.detail or STALLED
        await self.step(happened.signal)
        self._parts.index_if_warm()

    async def arrived(self, frame: Frame) -> None:
        """Take a frame."""
        event = frame.event
        if isinstance(event, events.ServerError):
            self._trouble = event.message
        if frame.refused:
            items = "item" if frame.refused == 1 else "items"
            self._notice = f"{frame.refused} {items} from the server could not be read and were left out."
        await self.step(signal_of(event), frame)

    async def step(self, signal: Signal, frame: Frame | None = None) -> None:
        """Take a signal, which a frame may have brought, and do what the table says."""
        machine = self._parts.machine
        before = machine.state
        for action in machine.step(signal).actions:
            await self._do(action, frame)
        if machine.state not in CONNECTED:
            self._parts.integrity.pause()
        self._parts.connection.expect(machine.state in SYNCING)
        if machine.state is not before or frame is not None:
            self.show_status()

    async def _do(self, action: Action, frame: Frame | None) -> None:
        parts = self._parts
        match action:
            case Action.CONNECT:
                parts.connection.connect()
            case Action.GREET:
                parts.connection.send(await parts.ingest.hello(parts.device.device_id()))
            case Action.SHOW_FIRST if frame and isinstance(frame.event, events.FirstChatReady):
                await parts.opener.first(frame, frame.event)
            case Action.STORE if frame and isinstance(frame.event, RecordsEvent):
                await self._store_frame(frame, frame.event)
            case Action.FINISH if frame and isinstance(frame.event, events.WarmingComplete):
                await self._finish(frame.event)
            case Action.APPLY | Action.APPLY_PART if frame and isinstance(frame.event, events.Changes):
                await self._apply(frame, frame.event)
            case Action.CONFIRM if parts.current:
                await self._confirm()
            case Action.DISCONNECT:
                parts.connection.disconnect()
            case Action.RETRY_LATER:
                parts.connection.retry_later()
            case Action.END_SESSION:
                parts.post(SessionOver())
            case Action.ASK_RELOAD:
                self._trouble = NEWER_SERVER

    async def _store_frame(self, frame: Frame, event: RecordsEvent) -> None:
        await self._take_in(frame, event, await self._parts.ingest.store(frame, event))
        if event.batch == event.of:
            await self._phase_stored(event)
            if isinstance(event, events.Refetched):
                self._parts.integrity.answered(event.collection, event.record_id)

    async def _phase_stored(self, event: RecordsEvent) -> None:
        controller = self._parts.controller
        if isinstance(event, events.SettingsAndMemoriesReady):
            self.mark("settings-stored")
        elif isinstance(event, events.RecentChatsReady):
            self.mark("recent-chats-stored")
            if controller.chosen is None and not controller.by_hand:
                await self._parts.opener.by_itself()

    async def _apply(self, frame: Frame, event: events.Changes) -> None:
        taken = await self._parts.ingest.apply(frame, event)
        if taken is None:
            await self.step(Signal.LOST)
            return
        await self._take_in(frame, event, taken)
        if event.batch == event.of:
            self._parts.connection.send(events.Ack(stamp=event.stamp))

    async def _take_in(self, frame: Frame, event: RecordsEvent, taken: Ingested) -> None:
        """Bring what is in memory and on the page in step with a frame that was stored."""
        parts, changed, complete = self._parts, taken.changed, taken.complete
        parts.repository.complete |= complete.keys()
        collections = set(frame.records)
        if isinstance(event, events.SettingsAndMemoriesReady):
            parts.controller.settings_here = True
            collections.add(Collection.SETTINGS_AND_MEMORIES)
        # What the chat's own record does not come along with may belong to the open chat, too.
        again = isinstance(event, events.Refetched) or (isinstance(event, events.Changes) and event.batch > 1)
        if again and parts.controller.chosen:
            changed.add(parts.controller.chosen)
        older = await parts.integrity.take(frame.records, changed, complete)
        if older is not None:
            parts.integrity.judge_offer(older, pushed=isinstance(event, events.Changes))
        parts.role.tell_stored(changed, complete, collections, again)
        await parts.controller.refresh(changed, set(complete), collections)
        if Collection.SETTINGS_AND_MEMORIES in collections:
            await parts.entries_stored()
        parts.refetcher.ask()

    async def _finish(self, event: events.WarmingComplete) -> None:
        parts = self._parts
        if not await parts.ingest.finish(event):
            self._trouble = OUT_OF_STEP
            await self.step(Signal.STALLED)
            return
        parts.connection.send(events.Ack(stamp=event.stamp))
        if self.lasts:
            parts.device.key_store.note_stored(parts.account)
        self.mark("warm")
        await parts.controller.refresh(set(), set(), set())
        parts.index_if_warm()

    async def _confirm(self) -> None:
        parts = self._parts
        parts.connection.succeeded()
        self._trouble = ""
        parts.opener.confirmed()
        parts.refetcher.ask()
        self.mark("up-to-date")
        parts.integrity.confirmed()
        parts.preferences.connected()
        await parts.push_preferences()

    def report(self, sentence: str) -> None:
        """Show in the status line what could not be done."""
        self._notice = sentence
        if self._parts.role.is_leader:
            self.show_status()
        else:
            self._parts.show(status=Status(sentence, Tone.WARNING))

    def show_status(self) -> None:
        """Show how things stand, here and in the tabs that follow."""
        parts = self._parts
        stored, warmed = parts.repository.stored, parts.repository.warmed
        trouble = self._trouble or parts.integrity.summary or self._notice
        status = status_of(parts.machine.state, stored, parts.ingest.total, trouble, warmed)
        status = with_storage(status, no_room(stored) if parts.store.wanting else self.storage_note)
        parts.show(status=status)
        parts.role.tell_standing(status, parts.current, warmed)

    def mark(self, name: str) -> None:
        """Set a User Timing mark, the first time that it is reached."""
        if name not in self._marked:
            self._marked.add(name)
            self._parts.device.mark(name)
