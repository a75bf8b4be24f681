"""When the disk is full: evict the least recently updated chats, and refetch them when they are opened.

An evicted chat stays listed, and is partial: it is asked for when the person opens it. Its messages are removed in a
transaction of their own that adds nothing, since browsers count what is freed only once that has committed. Then the
write is tried again, and notes which chats are partial now: if the page dies in between, the next one finds it out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Set
from dataclasses import replace
from typing import Any

from hearth.core.errors import QuotaExceeded
from hearth.core.records.schema import Collection
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.queue_items import ChatsEvicted
from hearth.ports.records import Records
from hearth.ports.storage import Batch, Store

SHARE = 8
"""Each try evicts an eighth of what was evicted before, and one chat at least: few tries, and few chats too many."""


def disk_full(kept: int) -> str:
    """What the person is told of a full disk on which so many chats are kept."""
    chats = "chat is" if kept == 1 else f"{kept} chats are"
    return f"This device has no room for all chats. The newest {chats} kept; the others come when you open them."


class EvictingWriter:
    """Writes to the store of one session, and makes room for what it writes when the disk is full.

    A chat that is open is never evicted. `is_leader` says whether this tab may write: of several tabs one does. Each
    eviction is posted.
    """

    def __init__(
        self,
        store: Store,
        repository: ChatRepository,
        open_chats: OpenChats,
        is_leader: Callable[[], bool],
        post: Callable[[ChatsEvicted], None],
    ) -> None:
        self._store = store
        self._repository = repository
        self._open_chats = open_chats
        self._is_leader = is_leader
        self._post = post
        self._phases: set[str] = set()
        """The phases of which more frames are to come."""
        self._incomplete: set[str] = set()
        """Chats evicted in the middle of a phase: its frames to come bring only their end."""
        self._newest_evicted = -1
        self.settled = False
        """Whether the store knows which chats are partial; if not, the next batch says it."""
        self.full = False
        """Whether something did not fit: from then on the search index is kept in memory only."""
        self.evicted = False
        """Whether chats were evicted."""

    @property
    def may_keep_index(self) -> bool:
        """Whether this tab may store the search index."""
        return self._is_leader() and not self.full

    async def apply(self, batch: Batch) -> None:
        """Write a batch, or as much of it as there is room for."""
        await self.write(batch)

    async def write(self, batch: Batch, phase: str = "", more: bool = False) -> Batch:
        """Write a batch; what of it was written. Raises `QuotaExceeded` when nothing is left that may be evicted.

        `more` says that more frames of its phase are to come: a chat may be in several.
        """
        if not self._is_leader():
            return batch  # Another tab leads by now: it receives what this one had still received.
        if more:
            self._phases.add(phase)
        written = await self._write(self._without(batch, self._incomplete | self._too_old(batch)))
        if not more:
            self._phases.discard(phase)
        if not self._phases:
            self._incomplete.clear()
        return written

    async def _write(self, batch: Batch) -> Batch:
        if not self.settled and batch.partial is None:
            batch = replace(batch, partial=self._repository.partial)
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
            await self._repository.learn(batch.records[Collection.CHATS])
        async for evicted in self._evict_more(batch.records.get(Collection.MESSAGES)):
            batch = self._without(batch, evicted)
            try:
                await self._store.apply(batch)
            except QuotaExceeded:
                continue
            return batch
        raise full

    def begin(self) -> None:
        """A connection begins: what had not come yet is sent again."""
        self._phases.clear()
        self._incomplete.clear()

    async def _evict_more(self, coming: Records | None = None) -> AsyncIterator[set[str]]:
        """Evict more each time: the kept search index first, then the least recently updated chats.

        `coming` are messages that are to be written: their chats count, so that none is evicted for an older one.
        """
        if not self._is_leader():
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
            await self._evict(chats)
            yield chats

    async def _oldest_first(self, coming: Records | None) -> list[str]:
        chats = self._repository.chats
        found = (await self._store.with_messages(coming) & chats.keys()) - self._open_chats.all()
        return sorted(found, key=lambda chat: (chats[chat].last_updated, chat))

    async def _evict(self, chats: set[str]) -> None:
        await self._store.drop(chats)
        self.settled = False
        self._newest_evicted = max(self._newest_evicted, *(self._repository.chats[chat].last_updated for chat in chats))
        self._repository.partial = self._repository.partial | chats
        self._repository.complete -= chats
        if self._phases:
            self._incomplete |= chats
        self.evicted = True
        self._post(ChatsEvicted(frozenset(chats)))

    def _too_old(self, batch: Batch) -> set[str]:
        """Of the chats that a batch completes, those older than an evicted one: there is no room for them."""
        chats = self._repository.chats
        older = {chat for chat in batch.complete if chat in chats and chats[chat].last_updated <= self._newest_evicted}
        return {chat for chat in older if not self._repository.is_complete(chat)} - self._open_chats.all()

    def _without(self, batch: Batch, chats: Set[str]) -> Batch:
        """A batch without the messages of some chats, which are partial then."""
        if not chats:
            return batch
        partial = self._repository.partial if batch.partial is None else batch.partial
        return replace(
            batch,
            complete={chat: at for chat, at in batch.complete.items() if chat not in chats},
            partial=partial | (chats & self._repository.chats.keys()),
            leave_out=batch.leave_out | chats,
        )

    async def keep_shard(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Store a shard of the search index; one that does not fit is left out: it can be built again."""
        try:
            await self._store.search_index.keep(name, sealed, settles)
        except QuotaExceeded:
            self.full = True

    async def keep(self, name: str, sealed: Any) -> None:
        """Store a sealed value beside the records; see `KeptValues.keep`."""
        try:
            await self._store.kept_values.keep(name, sealed)
        except QuotaExceeded as error:
            full = error
        else:
            return
        async for _ in self._evict_more():
            try:
                await self._store.kept_values.keep(name, sealed)
            except QuotaExceeded:
                continue
            return
        raise full
