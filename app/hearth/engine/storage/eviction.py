"""A full disk: the chats that were updated last win, the others give their place and come again when they are opened.

A chat that gives its place stays listed, and is partial: it is asked for when the person opens it. Its messages go in a
transaction of their own that adds nothing, since browsers count what is freed only once that has committed. Then the
write is tried again, and says with it what is partial now: of a page that dies in between, the next one finds it out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Set
from dataclasses import replace
from typing import Any

from hearth.core.errors import QuotaExceeded
from hearth.core.records.schema import Collection
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.storage.delegating_store import PassingShelf, PassingStore
from hearth.ports.records import Records
from hearth.ports.storage import Batch, SearchIndexStore, Store

SHARE = 8
"""Each try drops so much of what was dropped before, and one chat at least: few tries, and few chats too many."""


def no_room(kept: int) -> str:
    """What the person is told of a full disk on which so many chats are kept."""
    chats = "chat is" if kept == 1 else f"{kept} chats are"
    return f"This device has no room for all chats. The newest {chats} kept; the others come when you open them."


class Room(PassingStore):
    """A session's store, which makes room for what it is given to write.

    `spared` are the chats that are open: they never give their place. `may` says whether this page may drop anything:
    of several tabs one writes. `on_dropped` hears of each time. Whoever makes a room sets its `library`.
    """

    repository: ChatRepository

    def __init__(
        self,
        store: Store,
        spared: Callable[[], Set[str]],
        may: Callable[[], bool],
        on_dropped: Callable[[set[str]], None],
    ) -> None:
        super().__init__(store)
        self.search_index = _RoomyShelf(store.search_index, self)
        self._spared = spared
        self._may = may
        self._on_dropped = on_dropped
        self._phases: set[str] = set()
        """What more frames are to come of."""
        self._broken_off: set[str] = set()
        """Chats that gave their place meanwhile: of those, the frames to come bring the end alone."""
        self._newest_dropped = -1
        self.settled = False
        """Whether it is written down which chats are partial; the next batch does it."""
        self.full = False
        """Whether something did not fit: from then on the search index is kept in memory only."""
        self.wanting = False
        """Whether chats gave their place."""

    async def apply(self, batch: Batch) -> None:
        """Write a batch, or as much of it as there is room for."""
        await self.write(batch)

    async def write(self, batch: Batch, phase: str = "", more: bool = False) -> Batch:
        """Write a batch; what of it was written. Raises `QuotaExceeded` when nothing is left that may be dropped.

        `more` says that more frames of its phase are to come: a chat may be in several.
        """
        if not self._may():
            return batch  # Another tab owns by now: what this one had still got, that one gets, too.
        if more:
            self._phases.add(phase)
        written = await self._write(self._without(batch, self._broken_off | self._too_old(batch)))
        if not more:
            self._phases.discard(phase)
        if not self._phases:
            self._broken_off.clear()
        return written

    async def _write(self, batch: Batch) -> Batch:
        if not self.settled and batch.partial is None:
            batch = replace(batch, partial=self.repository.partial)
        written = await self._write_what_fits(batch)
        self.settled = self.settled or written.partial is not None
        return written

    async def _write_what_fits(self, batch: Batch) -> Batch:
        try:
            await self._store.apply(batch)
        except QuotaExceeded as error:
            full = error
        else:
            return batch
        if Collection.CHATS in batch.records:
            # What it brings has its place in the order, too.
            await self.repository.learn(batch.records[Collection.CHATS])
        async for dropped in self.drop_more(batch.records.get(Collection.MESSAGES)):
            batch = self._without(batch, dropped)
            try:
                await self._store.apply(batch)
            except QuotaExceeded:
                continue
            return batch
        raise full

    def begin(self) -> None:
        """A connection begins: what had not come yet comes anew."""
        self._phases.clear()
        self._broken_off.clear()

    async def drop_more(self, coming: Records | None = None) -> AsyncIterator[set[str]]:
        """Drop what can be spared, more each time: the kept search index, then the chats that were not updated longest.

        `coming` are messages that are to be written: their chats take part, so that none makes room for an older one.
        """
        if not self._may():
            return
        if not self.full:
            self.full = True
            await self._store.drop(set())
            self.settled = False
            yield set()
        queue, gone = await self._oldest_first(coming), 0
        while gone < len(queue):
            chats = set(queue[gone : gone + max(1, gone // SHARE)])
            gone += len(chats)
            await self._drop(chats)
            yield chats

    async def _oldest_first(self, coming: Records | None) -> list[str]:
        chats = self.repository.chats
        found = (await self._store.with_messages(coming) & chats.keys()) - self._spared()
        return sorted(found, key=lambda chat: (chats[chat].last_updated, chat))

    async def _drop(self, chats: set[str]) -> None:
        await self._store.drop(chats)
        self.settled = False
        self._newest_dropped = max(self._newest_dropped, *(self.repository.chats[chat].last_updated for chat in chats))
        self.repository.partial = self.repository.partial | chats
        self.repository.complete -= chats
        if self._phases:
            self._broken_off |= chats
        self.wanting = True
        self._on_dropped(chats)

    def _too_old(self, batch: Batch) -> set[str]:
        """Of the chats that a batch completes, those older than one that had to make room: there is none for them."""
        chats = self.repository.chats
        older = {chat for chat in batch.complete if chat in chats and chats[chat].last_updated <= self._newest_dropped}
        return {chat for chat in older if not self.repository.is_complete(chat)} - self._spared()

    def _without(self, batch: Batch, chats: Set[str]) -> Batch:
        """A batch without the messages of some chats, which are here in part then."""
        if not chats:
            return batch
        partial = self.repository.partial if batch.partial is None else batch.partial
        return replace(
            batch,
            complete={chat: at for chat, at in batch.complete.items() if chat not in chats},
            partial=partial | (chats & self.repository.chats.keys()),
            leave_out=batch.leave_out | chats,
        )


class _RoomyShelf(PassingShelf):
    """The shelf beside a `Room`. A shard of the search index that does not fit is not kept: it can be made anew."""

    def __init__(self, search_index: SearchIndexStore, room: Room) -> None:
        super().__init__(search_index)
        self._room = room

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep something sealed."""
        try:
            await self._search_index.keep(name, sealed, settles)
        except QuotaExceeded as error:
            full = error
        else:
            return
        if name.isdecimal():
            self._room.full = True
            return
        async for _ in self._room.drop_more():
            try:
                await self._search_index.keep(name, sealed, settles)
            except QuotaExceeded:
                continue
            return
        raise full
