"""The record of Hearth's own settings: its next version fulfils wishes, and needs the manifest's key."""

from __future__ import annotations

from typing import Any

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import Manifest, manifest_id
from hearth.core.records.schema import Collection
from hearth.core.settings import preferences
from hearth.core.settings.schema import THEME
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.settings.manifest_record import ManifestRecord, next_version
from hearth.engine.settings.preferences_record import PreferencesRecord
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.storage import Batch
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount
from tests.contracts.records import entry

ACCOUNT = MadeAccount()
ENTRIES = Collection.SETTINGS_AND_MEMORIES
ROOT = manifest_id(ACCOUNT.id)


class Settings:
    """The settings of an account on a disk, with a manifest or without."""

    def __init__(self) -> None:
        self.store = MemoryStore(Disk())
        self.keyring = CryptographyKeyring(ACCOUNT.cipher, ACCOUNT.id, ACCOUNT.master)
        self.entries = EntryRepository(self.store, self.keyring, {})
        self.manifest = ManifestRecord(self.store, self.keyring, self.entries)
        self.record = PreferencesRecord(ACCOUNT.id, self.keyring, self.entries, self.manifest)

    async def put(self, *rows: dict[str, Any]) -> None:
        await self.store.apply(Batch({ENTRIES: list(rows)}))
        await self.entries.take(list(rows), replace=False)

    async def with_manifest(self, manifest: Manifest | None = None) -> None:
        key = await self.keyring.create_key(ENTRIES, ROOT)
        text = manifests.text_of(manifests.write(manifest or Manifest(4, b"s" * 32)))
        sealed = await self.keyring.seal_field(ENTRIES, ROOT, ROOT, "sealed", text)
        await self.put(entry(ROOT, 4, app_id=ROOT, wrapped_key=key, sealed=sealed))


async def test_without_a_manifest_the_defaults_hold_and_no_version_is_made() -> None:
    made = Settings()
    assert await made.record.read() == preferences.defaults()
    assert not made.record.has_key
    assert await made.record.next([{THEME: "dark"}], {}) is None


async def test_the_first_version_and_the_next_fulfil_wishes_in_their_order() -> None:
    made = Settings()
    await made.with_manifest()
    first = await made.record.next([{THEME: "dark"}, {THEME: "light"}, {THEME: "dark"}], {})
    assert first is not None
    assert (first.before, first.after["version"], first.after["id"]) == (None, 1, preferences.record_id(ACCOUNT.id))
    assert made.record.has_key
    await made.put(first.after)
    assert (await made.record.read()).choices[THEME] == "dark"
    known = made.record.known()
    assert known is not None
    assert known.choices[THEME] == "dark"
    second = await made.record.next([{THEME: "light"}], {})
    assert second is not None
    assert (second.before, second.after["version"]) == (first.after, 2)


async def test_a_version_that_was_refused_is_not_used_again() -> None:
    made = Settings()
    await made.with_manifest()
    change = await made.record.next([{THEME: "dark"}], {preferences.record_id(ACCOUNT.id): 3})
    assert change is not None
    assert change.after["version"] == 4


async def test_fields_that_are_not_known_here_stay_as_they_came() -> None:
    made = Settings()
    await made.with_manifest()
    first = await made.record.next([{THEME: "dark"}], {})
    assert first is not None
    await made.put({**first.after, "of_the_future": "AQ"})
    second = await made.record.next([{THEME: "light"}], {})
    assert second is not None
    assert second.after["of_the_future"] == "AQ"


def test_the_next_version_of_an_entry_changes_its_seal_and_its_version_alone() -> None:
    row = entry("e", 3, other=1)
    assert next_version(row, "AQ", {}) == {**row, "version": 4, "sealed": "AQ"}
    assert row["version"] == 3
