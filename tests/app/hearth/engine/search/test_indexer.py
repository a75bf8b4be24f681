"""The task that keeps the index in step with the store."""

from __future__ import annotations

import time

import pytest

from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.index import Index
from hearth.engine.search.indexer import Indexer, Progress
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount
from tests.app.hearth.engine.search.desk import Desk


async def test_everything_is_found_once_it_is_built(desk: Desk) -> None:
    await desk.load()
    assert await desk.find("kettle") == ["a-1"]
    assert await desk.find("graz") == ["Holiday in Graz"]
    assert await desk.find("monday") == ["Week starts on"]
    assert await desk.find("calendar") == ["Week starts on"]
    assert desk.progress[0] == Progress(0, 2, complete=False)
    assert desk.progress[-1] == Progress(2, 2, complete=True)


def test_the_databases_of_the_index_are_made_when_they_are_first_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Index] = []

    def make() -> Index:
        made.append(Index())
        return made[-1]

    monkeypatch.setattr("hearth.engine.search.indexer.Index", make)
    account = MadeAccount()
    store, keyring = MemoryStore(Disk()), CryptographyKeyring(account.cipher, account.id, account.master)
    indexer = Indexer(
        ChatRepository(store, keyring), EntryRepository(store, keyring, {}), keyring, store.search_index, time.monotonic
    )
    indexer.changed({"a"})
    assert made == []
    assert indexer.index is indexer.index
    assert len(made) == 1
