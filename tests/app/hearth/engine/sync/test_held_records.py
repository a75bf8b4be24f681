"""Fingerprints of what is stored: equal to those of the same records, and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hearth.core.records.manifest import NOTHING, Fingerprint, Manifest
from hearth.core.records.manifest_checks import FINE, Fault
from hearth.core.records.schema import Collection
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.engine.sync.held_records import HeldRecords
from hearth.ports.storage import Batch
from hearth.testing.cpython_cipher import CryptographyKeyring, fingerprint_of
from tests.account import MadeAccount

CHATS, MESSAGES, ENTRIES = Collection
ACCOUNT = MadeAccount()
SECRET = b"s" * 32


async def held(**rows: list[dict[str, Any]]) -> HeldRecords:
    store = MemoryStore(Disk())
    await store.apply(Batch({Collection(name): each for name, each in rows.items()}))
    return HeldRecords(store, CryptographyKeyring(ACCOUNT.cipher, ACCOUNT.id, ACCOUNT.master))


async def test_a_chat_is_its_record_and_all_its_messages() -> None:
    chat = ACCOUNT.chat("a", "A")
    messages = [ACCOUNT.message("a", n, "text") for n in range(3)]
    others = [ACCOUNT.message("b", 1, "text")]
    found = await (await held(chats=[chat, ACCOUNT.chat("b", "B")], messages=[*messages, *others])).of_chat("a", SECRET)
    wanted = fingerprint_of(SECRET, CHATS, [chat]).plus(fingerprint_of(SECRET, MESSAGES, messages))
    assert found == wanted
    assert found.records == 4


@pytest.mark.parametrize(("change", "fault"), [(0, Fault.NONE), (1, Fault.MISSING), (-1, Fault.ALTERED)])
async def test_entries_that_are_missing_are_told_from_those_that_are_others(change: int, fault: Fault) -> None:
    rows = [ACCOUNT.setting("app", f"e{n}", "name", n) for n in range(3)]
    right = fingerprint_of(SECRET, ENTRIES, rows)
    manifest = Manifest(1, SECRET, {}, right)
    if change:
        manifest = replace(manifest, entries=Fingerprint(right.records + change, right.digest))
    finding, differ = await (await held(settings_and_memories=rows)).check_entries(manifest, "manifest")
    assert (finding.fault, differ) == (fault, False)
    assert (finding == FINE) is (fault is Fault.NONE)


async def test_shards_that_are_named_and_not_there_differ() -> None:
    manifest = Manifest(1, SECRET, {}, NOTHING, shards=Fingerprint(1, 5))
    finding, differ = await (await held(settings_and_memories=[])).check_entries(manifest, "manifest")
    assert (finding, differ) == (FINE, True)
