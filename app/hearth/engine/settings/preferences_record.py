"""The record of Hearth's own settings: as it is stored, and its next version, sealed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hearth.core.outbox.parcel import Spent
from hearth.core.records.schema import empty_record
from hearth.core.settings import preferences
from hearth.core.settings.preferences import Preferences, Wishes
from hearth.engine.settings.entry_repository import ENTRIES, SEALED, EntryRepository
from hearth.engine.settings.manifest_record import ManifestRecord, Row, next_version
from hearth.ports.keys import Keyring


class ActivePreferences:
    """What holds now: what is stored, with what was chosen and is not stored yet."""

    def __init__(self) -> None:
        self.now = preferences.defaults()


class EntryChange(NamedTuple):
    """What a write changes of settings and memories: a record before (None: it was not there) and after."""

    before: Row | None
    after: Row


class PreferencesRecord:
    """Reads the record, and makes the next version of it. It is sealed with the manifest's key."""

    def __init__(self, account: str, keyring: Keyring, entries: EntryRepository, manifest: ManifestRecord) -> None:
        self.id = preferences.record_id(account)
        self._keyring = keyring
        self._entries = entries
        self._manifest = manifest
        self.has_key = False
        """Whether the account has a manifest, and so a key for the record, as of the last reading."""

    async def read(self) -> Preferences:
        """The preferences that are stored."""
        self.has_key = await self._entries.manifest() is not None
        own = await self._entries.entry(self.id)
        return preferences.read(own["texts"]["sealed"] if own else None)

    def known(self) -> Preferences | None:
        """The preferences that are stored, as far as they are known without reading."""
        own = self._entries.known(self.id)
        return None if own is None else preferences.read(own["texts"]["sealed"])

    async def next(self, wishes: Iterable[Wishes], spent: Spent) -> EntryChange | None:
        """The next version, which fulfils wishes in their order; None while the account has no key for it."""
        now = preferences.fulfilled_in_order(await self.read(), wishes)
        state = await self._manifest.read()
        if state is None:
            return None
        before = (await self._manifest.rows([self.id])).get(self.id)
        sealed = await self._keyring.seal_field(ENTRIES, state.id, self.id, SEALED, preferences.write(now))
        if sealed is None:
            return None
        row = before or empty_record(ENTRIES, id=self.id, app_id=state.id)
        return EntryChange(before, next_version(row, sealed, spent))
