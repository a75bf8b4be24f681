"""Stores what frames bring, keeps what is in memory in step, and knows up to which stamp everything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hearth.core.protocol.device_events import Hello
from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    OlderChatsReady,
    RecentChatsReady,
    RecordsEvent,
    Refetched,
    Refused,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.sync.older_chats import ChatPlace, OlderChats, further
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.eager_task import EagerTask
from hearth.engine.settings.entry_repository import ENTRIES, EntryRepository
from hearth.engine.storage.eviction import EvictingWriter
from hearth.ports.keys import OpenedRecord
from hearth.ports.records import Frame
from hearth.ports.storage import Batch, Store, SyncState


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a stored frame brought.

    `changed` are the chats that changed with it, `complete` maps those that it completed to their `changed_at`,
    `entries` are its settings and memories, opened; None where it has none.
    """

    changed: set[str]
    complete: Mapping[str, int]
    entries: list[OpenedRecord] | None


BEYOND = ChatPlace(-1, "")
"""The place of a chat from beyond the list that changed: where exactly does not matter."""


class FrameIngest:
    """Records of a frame go into the store and into both repositories here; nothing of it touches the page."""

    def __init__(
        self, store: Store, writer: EvictingWriter, repository: ChatRepository, entries: EntryRepository
    ) -> None:
        self._store = store
        self._writer = writer
        self._repository = repository
        self._entries = entries
        self._learned: tuple[Frame, set[str]] | None = None
        """The frame whose chats were opened last, and which of them changed: each frame is opened once."""
        self._received: Counter[Collection] = Counter()
        self._stands: SyncState | None = None
        """Where the device stands, until more is written."""
        self.cursor: str | None = None
        """The stamp up to which everything is stored; None while the device is warmed."""
        self.total: int | None = None
        """How many chats the account has, as far as the server has said."""

    def stand(self, state: SyncState) -> None:
        """Take over where the device stands."""
        self._stands = state
        self._writer.settled = state.settled
        self.cursor = state.cursor
        self._repository.restore(state)

    def evicted(self) -> None:
        """Chats were evicted: what the device holds is to be read again."""
        self._stands = None

    async def hello(self, device_id: str) -> Hello:
        """A connection begins: what the server has to know of this device."""
        self._received.clear()
        self._writer.begin()
        if self.cursor is not None:
            return Hello(device_id=device_id, since=self.cursor)
        state = self._stands or await self._store.sync_state()
        # A chat that is only listed so far counts as held from no moment on: its deletion must be told.
        listed = dict.fromkeys(self._repository.chats, 0)
        return Hello(device_id=device_id, have={**listed, **state.have}, have_settings=state.have_settings)

    async def store(self, frame: Frame, event: RecordsEvent) -> Ingested:
        """Store a frame of a warming, or what was asked for beside it: fetched again, it replaces what is here.

        So does what came with a refusal.
        """
        refetched = isinstance(event, Refetched | Refused)
        asked = isinstance(event, Refetched | Refused | OlderChatsReady)
        if not asked:
            self._received.update(event.counts)
        if isinstance(event, RecentChatsReady):
            self.total = event.total_chats
        first = event.chat_id if isinstance(event, FirstChatReady) else None
        before = self._places()
        # A chat that was not here comes whole with its last frame; a warming says of each what is complete.
        changed = await self.learn(frame) if asked else set()
        partial = self._repository.partial_after(changed - before.keys(), event.complete.keys())
        older = self._older_after(event, changed, before) if asked else None
        batch = Batch(frame.records, event.complete, last_opened=first, replace=refetched, partial=partial, older=older)
        complete = await self._write(batch, event)
        if not asked:
            changed = await self.learn(frame)
        self._learned = None
        records = frame.records.get(ENTRIES)
        entries = None if records is None else await self._entries.take(records, replace=refetched)
        return Ingested(changed, complete, entries)

    async def apply(
        self, frame: Frame, event: Changes, outbox: Mapping[str, Any | None] | None = None
    ) -> Ingested | None:
        """Store a frame of changes; None where one before it was missed: the answer to the next hello holds it.

        `outbox` is what changes of the outbox in the same transaction.
        """
        if event.since != self.cursor:
            return None
        cursor = event.stamp if event.batch == event.of else None
        entries = frame.records.get(ENTRIES)
        opening = None if entries is None else EagerTask(self._entries.open(entries))  # while it is stored
        before = self._places()
        changed = await self.learn(frame)
        # A chat from beyond the warming: of what it held before it changed, nothing has come.
        partial = self._repository.partial_after(changed - before.keys(), event.complete.keys())
        older = self._older_after(event, changed, before)
        batch = Batch(frame.records, event.complete, cursor, partial=partial, older=older, outbox=outbox or {})
        complete = await self._write(batch, event)
        self.cursor = cursor or self.cursor
        self._learned = None
        opened = None if opening is None else self._entries.merge(await opening.result(), replace=False)
        return Ingested(changed, complete, opened)

    async def finish(self, event: WarmingComplete) -> bool:
        """The server says that all is here: whether as much came as it announced. If so, the device is warm."""
        if any(self._received[collection] != event.sent.get(collection, 0) for collection in Collection):
            return False
        told = OlderChats(_place(event), event.older_count)
        self._repository.older_chats = further(self._repository.older_chats, told, self._repository.places())
        await self._writer.apply(Batch(cursor=event.stamp, older=self._repository.older_chats))
        self.cursor = event.stamp
        self.total = event.total_chats
        self._repository.warmed = True
        return True

    async def learn(self, frame: Frame) -> set[str]:
        """Take a frame's chats into memory: the ids of those that changed."""
        if self._learned is not None and self._learned[0] is frame:
            return self._learned[1]
        chats = frame.records.get(Collection.CHATS)
        changed = set() if chats is None else await self._repository.learn(chats)
        self._learned = (frame, changed)
        return changed

    def _places(self) -> dict[str, ChatPlace]:
        self._repository.deleted_elsewhere.clear()
        return {place.id: place for place in self._repository.places()}

    def _older_after(
        self, event: RecordsEvent, changed: set[str], before: Mapping[str, ChatPlace]
    ) -> OlderChats | None:
        """How far the list goes once a frame was learnt whose chats had these places before; None: as before."""
        older, after = self._repository.older_chats, self._repository.chats
        if isinstance(event, OlderChatsReady):
            if event.batch < event.of:
                return None
            told = OlderChats(_place(event) or (older.to if older else None), event.older_count)
            older = further(older, told, self._repository.places())
        elif older is not None:
            here = {chat: ChatPlace(after[chat].last_updated, chat) for chat in changed if chat in after}
            if isinstance(event, Refetched):
                met: Mapping[str, ChatPlace] = here  # One that was fetched by itself had its place already.
            else:
                from_beyond = dict.fromkeys(here.keys() - event.complete.keys(), BEYOND)
                met = {**self._repository.deleted_elsewhere, **from_beyond}
            for chat in changed:
                older = older.moved(before.get(chat) or met.get(chat), here.get(chat))
        if older == self._repository.older_chats:
            return None
        self._repository.older_chats = older
        return older

    async def _write(self, batch: Batch, event: RecordsEvent) -> Mapping[str, int]:
        """Write what a frame brought; the chats that are complete with it, less those that there is no room for."""
        self._stands = None
        written = await self._writer.write(batch, event.name, event.batch < event.of)
        if written.partial is not None:
            self._repository.partial = set(written.partial)
        return written.complete


def _place(event: WarmingComplete | OlderChatsReady) -> ChatPlace | None:
    """The place of the last chat that was listed."""
    if event.listed_to is None or event.listed_id is None:
        return None
    return ChatPlace(event.listed_to, event.listed_id)
