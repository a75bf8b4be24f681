"""The records of the manifest among settings and memories: as they stand, and their next versions, sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from hearth.core.outbox.parcel import Spent, version_after
from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import Fingerprint, Listed, Manifest, changed_shards, shard_ids, shard_of
from hearth.core.records.schema import Collection, empty_record
from hearth.engine.eager_task import EagerTask
from hearth.engine.settings.entry_repository import ENTRIES, SEALED, EntryRepository
from hearth.ports.keys import Keyring, OpenedRecord
from hearth.ports.storage import Store

Row = dict[str, Any]


class ManifestState(NamedTuple):
    """The manifest, and the id and the version of its record."""

    id: str
    manifest: Manifest
    record_version: int


class RowsAhead(NamedTuple):
    """Records that are being read, and which."""

    ids: frozenset[str]
    rows: EagerTask[dict[str, Row]]


class ManifestRecord:
    """Reads the manifest with what its shards list, and makes the next versions of its records.

    A shard that has not changed is not parsed again.
    """

    def __init__(self, store: Store, keyring: Keyring, entries: EntryRepository) -> None:
        self._store = store
        self._keyring = keyring
        self._entries = entries
        self._parsed: dict[str, tuple[str, Mapping[str, Listed]]] = {}

    async def read(self) -> ManifestState | None:
        """The manifest as it stands; None while the account has none that opens."""
        opened = await self._entries.manifest()
        root = manifests.read(opened["texts"]["sealed"] or "") if opened else None
        if opened is None or root is None:
            return None
        record_id = opened["clear"]["id"]
        of_shards = frozenset(shard_ids(record_id))
        shards = [each for each in await self._entries.all() if each["clear"]["id"] in of_shards]
        manifest = manifests.join(root, [self._listed(each) for each in shards])
        return ManifestState(record_id, manifest, opened["clear"]["version"])

    def _listed(self, opened: OpenedRecord) -> Mapping[str, Listed]:
        name, text = opened["clear"]["id"], opened["texts"]["sealed"] or ""
        parsed = self._parsed.get(name)
        if parsed is None or parsed[0] != text:
            parsed = self._parsed[name] = (text, manifests.read_shard(text))
        return parsed[1]

    async def rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Stored records of settings and memories by their ids; what is not here is left out."""
        return {row["id"]: row for row in self._keyring.rows(await self._store.entries(ids))}

    def read_ahead(self, state: ManifestState, chats: Iterable[str]) -> RowsAhead:
        """Begin to read the records that a write of some chats will change."""
        names = shard_ids(state.id)
        ids = frozenset([state.id, *(names[shard_of(each)] for each in chats)])
        return RowsAhead(ids, EagerTask(self.rows(sorted(ids))))

    async def next(
        self, state: ManifestState, manifest: Manifest, spent: Spent, ahead: RowsAhead | None = None
    ) -> list[Row]:
        """The next versions of the shards that changed and of the manifest's record, which hold a manifest.

        None are made where they cannot be sealed, or where the manifest's record is not stored.
        """
        numbers = changed_shards(state.manifest, manifest)
        ids = [shard_ids(state.id)[number] for number in numbers]
        if ahead is not None and ahead.ids.issuperset([state.id, *ids]):
            read = await ahead.rows.result()
            rows = {name: read[name] for name in (state.id, *ids) if name in read}
        else:
            rows = await self.rows([state.id, *ids])
        root = rows.pop(state.id, None)
        if root is None:
            return []
        sealing = asyncio.gather(
            *(
                self._sealed(state.id, name, rows.get(name), manifests.write_shard(manifest, number), spent)
                for name, number in zip(ids, numbers, strict=True)
            )
        )
        replaced, shards = await asyncio.gather(self.tags(manifest, ENTRIES, list(rows.values())), sealing)
        written = await self.tags(manifest, ENTRIES, [each for each in shards if each is not None])
        step = version_after(state.id, root["version"], spent) - root["version"]
        vouched = replace(manifest.with_shards(replaced, written), version=state.manifest.version + step)
        last = await self._sealed(state.id, state.id, root, manifests.write(vouched), spent)
        records = [*shards, last]
        return [] if None in records else [each for each in records if each is not None]

    async def _sealed(
        self, app_id: str, record_id: str, before: Row | None, content: Mapping[str, Any], spent: Spent
    ) -> Row | None:
        sealed = await self._keyring.seal_field(ENTRIES, app_id, record_id, SEALED, manifests.text_of(content))
        row = before or empty_record(ENTRIES, id=record_id, app_id=app_id)
        return None if sealed is None else next_version(row, sealed, spent)

    async def tags(self, manifest: Manifest, collection: Collection, rows: Sequence[Mapping[str, Any]]) -> Fingerprint:
        """What rows add to the manifest's digests."""
        records = self._keyring.records([dict(each) for each in rows])
        return await self._keyring.fingerprint(manifest.secret, collection, records)


def next_version(row: Row, sealed: str | None, spent: Spent) -> Row:
    """An entry's next version; fields that this device does not know stay as they came."""
    return {**row, "version": version_after(row["id"], row["version"], spent), SEALED: sealed}
