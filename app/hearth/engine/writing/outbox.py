"""The outbox of a session: mutations and the write under way, sealed in the store and opened in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hearth.core.errors import SealError
from hearth.core.outbox import mutation as mutations
from hearth.core.outbox.mutation import Mutation
from hearth.core.outbox.parcel import chat_row
from hearth.core.records.schema import Collection
from hearth.engine.storage.eviction import EvictingWriter
from hearth.ports.keys import Keyring
from hearth.ports.storage import Batch, Store

DELETING = (mutations.Act.DELETE_CHAT, mutations.Act.DELETE_MESSAGE)
"""What takes something off the screen that may not be shown again, not even at the next start."""
PARCEL = "parcel"
"""The name of the write under way in the outbox."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A write as it was sent, or is about to be: repeated, it is the same to the last byte."""

    mutations: tuple[str, ...]
    records: Mapping[Collection, list[dict[str, Any]]]
    follows: int | None = None
    """The version of the manifest that it follows on, where one of its records skips a version."""


class Outbox:
    """Everything that waits, in order. What is added is stored before it is shown. Raises `StorageError`.

    The leader stores through `writer`, which makes room where there is none; a tab that follows stores by itself.
    `on_changed` is called whenever it holds something else.
    """

    def __init__(
        self,
        store: Store,
        writer: EvictingWriter,
        keyring: Keyring,
        is_leader: Callable[[], bool],
        on_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._keyring = keyring
        self._is_leader = is_leader
        self._on_changed = on_changed
        self.mutations: tuple[Mutation, ...] = ()
        self.parcel: Parcel | None = None
        self.unreadable = 0
        """How many entries did not open; they stay where they are."""

    async def load(self, sealed: Mapping[str, Any]) -> None:
        """Take over what is stored."""
        found: list[Mutation] = []
        self.unreadable, self.parcel = 0, None
        for name, each in sealed.items():
            try:
                content = await self._keyring.open_kept(_kept(name), each)
            except SealError:
                self.unreadable += 1
                continue
            if name == PARCEL:
                self.parcel = _read_parcel(content)
            elif mutation := mutations.read(content):
                found.append(mutation)
                await self._learn_key(mutation)
            else:
                self.unreadable += 1
        self.mutations = tuple(sorted(found, key=lambda each: each.name))
        self._on_changed()

    async def _learn_key(self, mutation: Mutation) -> None:
        """The key of a chat that comes to be with a mutation lies in the outbox alone."""
        row = chat_row(None, [mutation]) if mutation.creates else None
        if row is not None:
            await self._keyring.open_records(Collection.CHATS, self._keyring.records([row]))

    async def reread(self) -> None:
        """Another tab changed the outbox."""
        await self.load(await self._store.outbox())

    def find(self, mutation_id: str) -> Mutation | None:
        """A mutation that waits, or was refused."""
        return next((each for each in self.mutations if each.id == mutation_id), None)

    def of(self, chat_id: str) -> tuple[Mutation, ...]:
        """The mutations of a chat, in order."""
        return tuple(each for each in self.mutations if each.chat_id == chat_id)

    def creates(self, chat_id: str) -> bool:
        """Whether a chat is here alone, until what waits of it is written."""
        return any(each.creates for each in self.of(chat_id))

    @property
    def waiting(self) -> int:
        """How many mutations the server still has to be told of now, those left out that are not counted."""
        counted = [each for each in self.mutations if not each.problem and each.act.is_counted]
        return sum(each.act is not mutations.Act.ANSWER for each in counted)

    @property
    def unsent(self) -> int:
        """How many mutations the server does not have, those not sent for good included."""
        return sum(each.act.is_counted for each in self.mutations)

    async def change(self, put: Iterable[Mutation] = (), remove: Iterable[Mutation] = ()) -> None:
        """Put mutations in, or in the place of those of their names, and take others out, in one transaction."""
        added, gone = list(put), list(remove)
        deletes = any(each.act in DELETING for each in added) or any(each.act is mutations.Act.SEND for each in gone)
        batch = Batch(outbox=await self.sealed(added, gone), forget_view=deletes)
        await (self._writer if self._is_leader() else self._store).apply(batch)
        self.take(added, gone)

    async def sealed(self, put: Iterable[Mutation], remove: Iterable[Mutation]) -> dict[str, Any | None]:
        """A change as a batch of the store has it."""
        put = list(put)
        sealed = await asyncio.gather(
            *(self._keyring.seal_kept(_kept(each.name), mutations.write(each)) for each in put)
        )
        return {
            **{each.name: None for each in remove},
            **{each.name: kept for each, kept in zip(put, sealed, strict=True)},
        }

    def take(self, put: Iterable[Mutation], remove: Iterable[Mutation]) -> None:
        """Take over a change that is stored."""
        held = {each.name: each for each in self.mutations}
        for each in remove:
            held.pop(each.name, None)
        held |= {each.name: each for each in put}
        self.mutations = tuple(held[name] for name in sorted(held))
        self._on_changed()

    async def begin(self, parcel: Parcel) -> None:
        """Keep a write before it is sent."""
        content = json.dumps([parcel.mutations, parcel.records, parcel.follows], separators=(",", ":")).encode()
        sealed = await self._keyring.seal_kept(_kept(PARCEL), content)
        await self._writer.apply(Batch(outbox={PARCEL: sealed}))
        self.parcel = parcel

    async def drop_parcel(self, change: Mapping[str, Any | None]) -> None:
        """Take the write under way out, together with a change that `sealed` made."""
        await self._writer.apply(Batch(outbox={**change, PARCEL: None}))
        self.parcel = None

    def parcel_mutations(self) -> list[Mutation]:
        """The mutations of the write under way that are still here."""
        ids = self.parcel.mutations if self.parcel else ()
        return [each for each in self.mutations if each.id in ids]


def _kept(name: str) -> str:
    return f"outbox {name}"


def _read_parcel(content: bytes) -> Parcel | None:
    try:
        ids, records, *follows = json.loads(content)  # one of an earlier version follows on nothing
        rows = {Collection(name): list(rows) for name, rows in records.items()}
        return Parcel(tuple(ids), rows, next(iter(follows), None))
    except (ValueError, TypeError, AttributeError):
        return None
