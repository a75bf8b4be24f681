"""The port `Shelf` in memory: beside a store that is in memory, and for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hearth.core.records.schema import Collection
from hearth.ports.records import Records
from hearth.ports.storage import IndexPage, Position

Row = dict[str, Any]


@dataclass(slots=True)
class StoredIndex:
    """What a shelf holds."""

    sealed: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    tokens: count[int] = field(default_factory=count)

    def mark(self, rows: Mapping[Collection, list[Row]]) -> None:
        """Note the chats whose messages these rows change."""
        touched = {row["chat_id"] for row in rows.get(Collection.MESSAGES, ())}
        touched |= {row["id"] for row in rows.get(Collection.CHATS, ()) if row["deleted_at"] is not None}
        self.marks.update((chat, str(next(self.tokens))) for chat in sorted(touched))

    def drop(self, chats: Set[str]) -> None:
        """Forget every shard, and that these chats changed."""
        self.sealed.clear()
        for chat in chats:
            self.marks.pop(chat, None)

    def clear(self) -> None:
        """Forget everything."""
        self.sealed.clear()
        self.marks.clear()


class MemorySearchIndex:
    """`hearth.ports.storage.Shelf` over the rows of a store: `rows_of` gives a chat's messages in any order."""

    def __init__(
        self, kept: StoredIndex, rows_of: Callable[[str], Iterable[Row]], records: Callable[[list[Row]], Records]
    ) -> None:
        self.kept = kept
        self.rows_of = rows_of
        self.records = records

    async def names(self) -> list[str]:
        """The names of what is kept."""
        return sorted(self.kept.sealed)

    async def read(self, name: str) -> Any | None:
        """What is kept under a name."""
        return self.kept.sealed.get(name)

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep something sealed."""
        self.kept.sealed[name] = sealed
        await self.settle(settles)

    async def settle(self, settles: Mapping[str, str]) -> None:
        """Take marks away."""
        for chat, token in settles.items():
            if self.kept.marks.get(chat) == token:
                del self.kept.marks[chat]

    async def forget(self, names: Iterable[str]) -> None:
        """Forget what is kept under these names."""
        for name in names:
            self.kept.sealed.pop(name, None)

    async def marks(self) -> dict[str, str]:
        """The chats that changed since they were indexed."""
        return dict(self.kept.marks)

    async def page(self, chat_id: str, known: Mapping[str, int], after: Position | None, limit: int) -> IndexPage:
        """A page of a chat's messages."""
        rows = sorted(self.rows_of(chat_id), key=_place)
        rows = [row for row in rows if after is None or _place(row) > (after.created_at, after.id)][:limit]
        live = [row for row in rows if row["deleted_at"] is None]
        changed = [row for row in live if known.get(row["id"]) != row["version"]]
        following = Position(*_place(rows[-1])) if len(rows) == limit else None
        return IndexPage(self.records(changed), tuple(row["id"] for row in live), following)


def _place(row: Row) -> tuple[int, str]:
    return row["created_at"], row["id"]
