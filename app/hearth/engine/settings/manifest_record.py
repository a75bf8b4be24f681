"""The record of the manifest among settings and memories: as it stands, and its next version, sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import Fingerprint, Manifest
from hearth.core.records.schema import Collection
from hearth.engine.settings.entry_repository import ENTRIES, SEALED, EntryRepository
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ManifestState:
    """The manifest and its record's id, and every stored record of settings and memories by its id."""

    id: str
    manifest: Manifest
    rows: Mapping[str, Row]


class ManifestRecord:
    """Reads the manifest, and makes the next version of its record."""

    def __init__(self, store: Store, keyring: Keyring, entries: EntryRepository) -> None:
        self._store = store
        self._keyring = keyring
        self._entries = entries

    async def read(self) -> ManifestState | None:
        """The manifest as it stands; None while the account has none that opens."""
        opened = await self._entries.manifest()
        manifest = manifests.read(opened["texts"]["sealed"] or "") if opened else None
        if opened is None or manifest is None:
            return None
        rows = self._keyring.rows(await self._store.settings_and_memories())
        return ManifestState(opened["clear"]["id"], manifest, {row["id"]: row for row in rows})

    async def next(self, state: ManifestState, manifest: Manifest) -> Row | None:
        """The record's next version, which holds a manifest; None where it cannot be sealed, or is not stored."""
        text = json.dumps(manifests.write(manifest), ensure_ascii=False, separators=(",", ":"))
        sealed = await self._keyring.seal_field(ENTRIES, state.id, state.id, SEALED, text)
        row = state.rows.get(state.id)
        return None if sealed is None or row is None else next_version(row, sealed)

    async def tags(self, manifest: Manifest, collection: Collection, rows: Sequence[Mapping[str, Any]]) -> Fingerprint:
        """What rows add to the manifest's digests."""
        records = self._keyring.records([dict(each) for each in rows])
        return await self._keyring.fingerprint(manifest.secret, collection, records)


def next_version(row: Row, sealed: str | None) -> Row:
    """An entry's next version; fields that this device does not know stay as they came."""
    return {**row, "version": row["version"] + 1, SEALED: sealed}
