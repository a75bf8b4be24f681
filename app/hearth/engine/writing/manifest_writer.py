"""The next manifest of an account for records that are about to be written, sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import Fingerprint, Listed, Manifest
from hearth.core.records.schema import Collection
from hearth.engine.settings.entry_repository import ENTRIES, EntryRepository
from hearth.ports.keys import Keyring
from hearth.ports.records import Records
from hearth.ports.storage import Store

EVERY_MESSAGE = 1_000_000

Row = dict[str, Any]


@dataclass(slots=True)
class ChatChange:
    """What a write changes of one chat: its record before and after (None: it was not there, it stays as it is).

    `messages` are its messages' records as they will be, `replaced` those of them that are there now.
    """

    chat_id: str
    before: Row | None = None
    after: Row | None = None
    messages: list[Row] = field(default_factory=list)
    replaced: list[Row] = field(default_factory=list)


class ManifestWriter:
    """Makes the manifest that vouches for a write."""

    def __init__(self, store: Store, keyring: Keyring, entries: EntryRepository) -> None:
        self._store = store
        self._keyring = keyring
        self._entries = entries

    async def next(self, changes: Sequence[ChatChange]) -> Row | None:
        """The manifest's next record; None while the account has no manifest that opens."""
        opened = await self._entries.manifest()
        manifest = manifests.read(opened["texts"]["sealed"] or "") if opened else None
        if opened is None or manifest is None:
            return None
        for change in changes:
            listed = await self._listed(manifest, change)
            manifest = replace(manifest.with_chat(change.chat_id, listed), version=manifest.version)
        manifest = replace(manifest, version=manifest.version + 1)
        record_id = opened["clear"]["id"]
        text = json.dumps(manifests.write(manifest), ensure_ascii=False, separators=(",", ":"))
        sealed = await self._keyring.seal_field(ENTRIES, record_id, record_id, "sealed", text)
        rows = self._keyring.rows(await self._store.settings_and_memories())
        row = next((each for each in rows if each["id"] == record_id), None)
        return None if sealed is None or row is None else {**row, "version": row["version"] + 1, "sealed": sealed}

    async def _listed(self, manifest: Manifest, change: ChatChange) -> Listed | None:
        """How the chat is listed once the change is written."""
        chat = change.after or change.before
        if chat is None or chat["deleted_at"] is not None:
            return None
        before = manifest.chats.get(change.chat_id)
        if before is not None and change.before is not None and before.version == change.before["version"]:
            held = before.held
            if change.after is not None:
                held = held.minus(await self._tags(manifest, Collection.CHATS, [change.before]))
                held = held.plus(await self._tags(manifest, Collection.CHATS, [change.after]))
            held = held.minus(await self._tags(manifest, Collection.MESSAGES, change.replaced))
        else:
            # New, or not listed as it is here: it is listed anew.
            written = {each["id"] for each in change.messages}
            stored = self._keyring.rows(await self._store.messages(change.chat_id, EVERY_MESSAGE))
            held = await self._tags(manifest, Collection.CHATS, [chat])
            kept = [each for each in stored if each["id"] not in written]
            held = held.plus(await self._tags(manifest, Collection.MESSAGES, kept))
        held = held.plus(await self._tags(manifest, Collection.MESSAGES, change.messages))
        return Listed(chat["version"], chat["last_updated"], held)

    async def _tags(self, manifest: Manifest, collection: Collection, rows: Sequence[Mapping[str, Any]]) -> Fingerprint:
        records: Records = self._keyring.records([dict(each) for each in rows])
        return await self._keyring.fingerprint(manifest.secret, collection, records)
