"""The entries in memory are those that are stored, and each is opened once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records.schema import Collection
from hearth.engine.settings.entry_repository import ENTRIES, EntryRepository
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.keys import OpenedRecord
from hearth.ports.records import Records
from hearth.ports.storage import Batch
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount

ACCOUNT = MadeAccount()


class Counting(CryptographyKeyring):
    """Counts the records that it opens."""

    opened = 0

    async def open_records(self, collection: Collection, records: Records) -> list[OpenedRecord]:
        self.opened += len(records)
        return await super().open_records(collection, records)


class Entries:
    """A repository over a store in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore(Disk())
        self.keyring = Counting(ACCOUNT.cipher, ACCOUNT.id, ACCOUNT.master)
        self.unreadable: dict[tuple[Collection, str], None] = {}
        self.repository = EntryRepository(self.store, self.keyring, self.unreadable)

    async def frame(self, *rows: dict[str, Any], replace: bool = False) -> None:
        await self.store.apply(Batch({ENTRIES: list(rows)}, replace=replace))
        await self.repository.take(list(rows), replace=replace)

    async def texts(self) -> dict[str, str | None]:
        return {each["clear"]["id"]: each["texts"]["sealed"] for each in await self.repository.all()}

    async def stored(self) -> dict[str, str | None]:
        records = await self.store.settings_and_memories()
        opened = await CryptographyKeyring(ACCOUNT.cipher, ACCOUNT.id, ACCOUNT.master).open_records(ENTRIES, records)
        return {each["clear"]["id"]: each["texts"]["sealed"] for each in opened}


def row(record_id: str, version: int, deleted_at: int | None = None) -> dict[str, Any]:
    made = ACCOUNT.setting("app", record_id, f"name {record_id}", f"value {version}", version)
    return {**made, "deleted_at": deleted_at, "sealed": None if deleted_at else made["sealed"]}


async def test_what_a_frame_brings_is_opened_once_however_often_it_is_asked_for() -> None:
    entries = Entries()
    await entries.repository.load([], new=True)
    await entries.frame(row("a", 1), row("b", 1))
    for _ in range(3):
        assert set(await entries.texts()) == {"a", "b"}
        await entries.repository.apps()
        await entries.repository.manifest()
    assert entries.keyring.opened == 2


async def test_a_store_that_was_written_by_another_tab_is_read_again() -> None:
    entries = Entries()
    await entries.repository.load([], new=True)
    await entries.store.apply(Batch({ENTRIES: [row("a", 1)]}))
    assert await entries.texts() == {}
    entries.repository.invalidate()
    assert set(await entries.texts()) == {"a"}


async def test_an_older_copy_of_a_deleted_entry_does_not_come_back() -> None:
    entries = Entries()
    await entries.store.apply(Batch({ENTRIES: [row("a", 3, deleted_at=9)]}))
    await entries.repository.load(await entries.store.settings_and_memories())
    await entries.frame(row("a", 2))
    assert await entries.texts() == await entries.stored() == {}


async def test_what_does_not_open_is_noted_to_be_fetched_again() -> None:
    entries = Entries()
    await entries.repository.load([], new=True)
    await entries.frame({**row("a", 1), "sealed": row("b", 1)["sealed"]})
    assert list(entries.unreadable) == [(ENTRIES, "a")]


copies = st.builds(row, st.sampled_from("abc"), st.integers(1, 4), st.sampled_from([None, None, 9]))


@pytest.mark.parametrize("new", [True, False])
@given(frames=st.lists(st.tuples(st.lists(copies, max_size=3), st.booleans()), max_size=6))
async def test_memory_and_store_agree_after_any_frames(frames: list[tuple[list[Any], bool]], new: bool) -> None:
    entries = Entries()
    await entries.repository.load([], new=new)
    for rows, replace in frames:
        unique = list({each["id"]: each for each in rows}.values())
        await entries.frame(*unique, replace=replace)
        assert await entries.texts() == await entries.stored()
