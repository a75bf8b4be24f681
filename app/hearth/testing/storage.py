"""The store and the kept search index in memory, on a disk of which so many bytes may be used."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import Any, TypeVar

from hearth.core.errors import QuotaExceeded
from hearth.engine.search.memory_index import MemorySearchIndex
from hearth.engine.storage.memory_store import Disk, MemoryKeptValues, MemoryStore
from hearth.ports.records import Records
from hearth.ports.storage import Batch, InitialData, Position, SyncState

_T = TypeVar("_T")


def weight(disk: Disk) -> int:
    """How many bytes a disk holds, near enough."""
    rows = [disk.chats, disk.messages, disk.entries, disk.sync, disk.kept.marks]
    sealed = [*disk.kept.sealed.items(), *disk.values.items(), *disk.outbox.items()]
    return len(json.dumps(rows)) + sum(len(name) + len(each) for name, each in sealed)


@contextmanager
def transaction(disk: Disk, budget: int | None) -> Iterator[None]:
    """What is written here is written as a whole, or not at all when more than the budget would lie on the disk."""
    if budget is None:
        yield
        return
    before, kept_before = copy.deepcopy(disk), copy.deepcopy(disk.kept)
    size = weight(disk)
    yield
    if size < weight(disk) > budget:
        for name in ("chats", "messages", "entries", "sync", "outbox", "values"):
            setattr(disk, name, getattr(before, name))
        disk.kept.sealed, disk.kept.marks = kept_before.sealed, kept_before.marks
        raise QuotaExceeded("This device has no room left for more chats.")


class FakeSearchIndex(MemorySearchIndex):
    """A shelf on a disk of which so many bytes may be used."""

    def __init__(self, disk: Disk, search_index: MemorySearchIndex, budget: Callable[[], int | None]) -> None:
        super().__init__(search_index.kept, search_index.rows_of, search_index.records)
        self._disk = disk
        self._budget = budget

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep something sealed."""
        with transaction(self._disk, self._budget()):
            await super().keep(name, sealed, settles)


class FakeKeptValues(MemoryKeptValues):
    """What is kept on a disk of which so many bytes may be used."""

    def __init__(self, disk: Disk, budget: Callable[[], int | None]) -> None:
        super().__init__(disk)
        self._budget = budget

    async def keep(self, name: str, sealed: Any) -> None:
        """Keep a value, sealed."""
        with transaction(self._disk, self._budget()):
            await super().keep(name, sealed)


class FakeStore(MemoryStore):
    """A device's store whose every operation is a step: `on_step` hears of it before and after, and may raise.

    `budget` says how many bytes may lie on its disk, if there is an end to it.
    """

    def __init__(
        self, disk: Disk, on_step: Callable[[str], None], budget: Callable[[], int | None] = lambda: None
    ) -> None:
        super().__init__(disk)
        self._on_step = on_step
        self._budget = budget
        self.kept_values = FakeKeptValues(disk, budget)
        self.search_index = FakeSearchIndex(disk, self.search_index, budget)

    async def _step(self, name: str, work: Awaitable[_T]) -> _T:
        try:
            self._on_step(f"before {name}")
        except BaseException:
            close = getattr(work, "close", None)
            if close:
                close()
            raise
        result = await work
        self._on_step(f"after {name}")
        return result

    async def apply(self, batch: Batch) -> None:
        """Write a batch."""
        await self._step("apply", self._apply(batch))

    async def _apply(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        with transaction(self._disk, self._budget()):
            self.write(batch)

    async def drop(self, chats: Set[str]) -> None:
        """Make room."""
        await self._step("drop", super().drop(chats))

    async def start_over(self) -> None:
        """Remove what came from the server."""
        await self._step("start_over", super().start_over())

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats that have messages."""
        return await self._step("with_messages", super().with_messages(more))

    async def load_initial(self, first: str | None, limit: int, kept: str) -> InitialData:
        """Read what a session begins with."""
        return await self._step("beginning", super().load_initial(first, limit, kept))

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""
        return await self._step("sync_state", super().sync_state())

    async def drafts(self) -> Records:
        """The records of all drafts."""
        return await self._step("drafts", super().drafts())

    async def outbox(self) -> Mapping[str, Any]:
        """Everything in the outbox."""
        return await self._step("outbox", super().outbox())

    async def chats(self) -> Records:
        """Every chat that is not deleted."""
        return await self._step("chats", super().chats())

    async def chat(self, chat_id: str) -> Records:
        """One chat, or none."""
        return await self._step("chat", super().chat(chat_id))

    async def messages(self, chat_id: str, limit: int, before: Position | None = None) -> Records:
        """The last messages of a chat."""
        return await self._step("messages", super().messages(chat_id, limit, before))

    async def messages_from(self, chat_id: str, limit: int, first: Position) -> Records:
        """The messages of a chat from a position on."""
        return await self._step("messages_from", super().messages_from(chat_id, limit, first))

    async def entries(self, ids: Sequence[str]) -> Records:
        """Some records of settings and memories."""
        return await self._step("entries", super().entries(ids))

    async def settings_and_memories(self) -> Records:
        """Every entry that is not deleted."""
        return await self._step("settings_and_memories", super().settings_and_memories())
