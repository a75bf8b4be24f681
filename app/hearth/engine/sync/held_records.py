"""Fingerprints of the records on this device, to be held against what the manifest lists."""

from __future__ import annotations

from hearth.core.records.manifest import NOTHING, Fingerprint, Manifest, shard_ids
from hearth.core.records.manifest_checks import FINE, Fault, Finding
from hearth.core.records.schema import Collection
from hearth.ports.keys import Keyring
from hearth.ports.records import Records
from hearth.ports.storage import EVERY_MESSAGE, Store


class HeldRecords:
    """What the store holds, as fingerprints made with the manifest's secret."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def of_chat(self, chat_id: str, secret: bytes) -> Fingerprint:
        """A chat's own record and all its messages."""
        chat = await self._store.chat(chat_id)
        messages = await self._store.messages(chat_id, EVERY_MESSAGE)
        own = await self._keyring.fingerprint(secret, Collection.CHATS, chat)
        return own.plus(await self._keyring.fingerprint(secret, Collection.MESSAGES, messages))

    async def check_entries(self, manifest: Manifest, record_id: str) -> tuple[Finding, bool]:
        """What is wrong with settings and memories, and whether the manifest's shards are others than it says."""
        shards = await self._tags(manifest, await self._store.entries(shard_ids(record_id)))
        own = shards.plus(await self._tags(manifest, await self._store.entries([record_id])))
        held = (await self._tags(manifest, await self._store.settings_and_memories())).minus(own)
        differ = shards != (manifest.shards or NOTHING)
        if held == manifest.entries:
            return FINE, differ
        return Finding(Fault.MISSING if held.records < manifest.entries.records else Fault.ALTERED), differ

    async def _tags(self, manifest: Manifest, records: Records) -> Fingerprint:
        return await self._keyring.fingerprint(manifest.secret, Collection.SETTINGS_AND_MEMORIES, records)
