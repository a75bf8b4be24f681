"""The account's app settings and memories: read from the store and decrypted once, then kept in step with frames."""

from __future__ import annotations

from collections.abc import Iterable

from hearth.core.records.contents import AppEntries
from hearth.core.records.manifest import is_manifest
from hearth.core.records.merge import wins
from hearth.core.records.schema import Collection
from hearth.core.view.presenters import group_entries
from hearth.ports.keys import Keyring, OpenedRecord
from hearth.ports.records import Records
from hearth.ports.storage import Store

ENTRIES = Collection.SETTINGS_AND_MEMORIES
SEALED = "sealed"
"""The field of an entry that holds all that is sealed."""


class EntryRepository:
    """Every entry of one session that is not deleted, by its id.

    `unreadable` gets those that do not open, in the order in which they were met; each is refetched once.
    """

    def __init__(self, store: Store, keyring: Keyring, unreadable: dict[tuple[Collection, str], None]) -> None:
        self._store = store
        self._keyring = keyring
        self._unreadable = unreadable
        self._opened: dict[str, OpenedRecord] | None = None
        """None: to be read from the store when somebody asks."""
        self._tombstones: dict[str, int] | None = None
        """The versions of deleted entries, when all are known: the store lists only those that are not deleted."""

    async def all(self) -> list[OpenedRecord]:
        """Every entry, opened."""
        if self._opened is None:
            await self.load(await self._store.settings_and_memories())
        return list((self._opened or {}).values())

    async def load(self, stored: Records, *, new: bool = False) -> None:
        """Take over what is stored, which was read already; a `new` store has never held anything else."""
        self._opened = {each["clear"]["id"]: each for each in await self.open(stored)}
        self._tombstones = {} if new else None

    async def take(self, stored: Records, *, replace: bool) -> list[OpenedRecord]:
        """Take over records that were just stored, by the rule by which the store takes them; answers them, opened."""
        return self.merge(await self.open(stored), replace=replace)

    def merge(self, brought: list[OpenedRecord], *, replace: bool) -> list[OpenedRecord]:
        """The same for records that `open` has opened, which may be while they are stored."""
        for each in brought:
            self._merge(each, replace=replace)
        return brought

    def _merge(self, brought: OpenedRecord, *, replace: bool) -> None:
        if self._opened is None:
            return
        clear = brought["clear"]
        record_id, version = clear["id"], clear["version"]
        known = self._opened.get(record_id)
        if known is None and self._tombstones is None and clear["deleted_at"] is None:
            self.invalidate()  # A tombstone of it may be stored, which is of a higher version.
            return
        before = known["clear"]["version"] if known else (self._tombstones or {}).get(record_id)
        if not wins(before, version, replace=replace):
            return
        if clear["deleted_at"] is None:
            self._opened[record_id] = brought
            return
        self._opened.pop(record_id, None)
        if self._tombstones is not None:
            self._tombstones[record_id] = version

    def invalidate(self) -> None:
        """Another tab wrote to the store: read it again when somebody asks."""
        self._opened = self._tombstones = None

    async def entry(self, record_id: str) -> OpenedRecord | None:
        """One entry, opened."""
        await self.all()
        return (self._opened or {}).get(record_id)

    def known(self, record_id: str) -> OpenedRecord | None:
        """One entry as far as it is known without reading."""
        return (self._opened or {}).get(record_id)

    async def manifest(self) -> OpenedRecord | None:
        """The account's manifest, or None while it has none."""
        return manifest_among(await self.all())

    async def apps(self) -> tuple[AppEntries, ...]:
        """Every app's settings and memories, but for Hearth's own."""
        opened = await self.all()
        own = {each["clear"]["app_id"] for each in opened if is_manifest(each["texts"].get("sealed"))}
        return group_entries([each for each in opened if each["clear"]["app_id"] not in own])

    async def open(self, records: Records) -> list[OpenedRecord]:
        """Open entries; those that do not open are noted."""
        opened = await self._keyring.open_records(ENTRIES, records)
        for each in opened:
            if each["faults"]:
                self._unreadable.setdefault((ENTRIES, each["clear"]["id"]))
        return opened


def manifest_among(opened: Iterable[OpenedRecord]) -> OpenedRecord | None:
    """The manifest among opened entries: an app's own record whose text is one."""
    for each in opened:
        clear = each["clear"]
        if clear["id"] == clear["app_id"] and is_manifest(each["texts"]["sealed"]):
            return each
    return None
