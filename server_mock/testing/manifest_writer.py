"""Reads the manifest's row and makes the next one, as a device does with everything that it writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import SECRET_BYTES, Manifest, manifest_id
from hearth.core.records.schema import Collection
from hearth.ports.keys import Key
from hearth.testing.cpython_cipher import CryptographyKeyring
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.testing.manifest_builder import Notary, Written, first_row, next_row
from server_mock.testing.record_factory import Author

_ENTRIES = Collection.SETTINGS_AND_MEMORIES.value


class BadManifest(ValueError):
    """The manifest that is there does not open; the text is fit to be shown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The manifest before a writing."""

    row: Row
    key: Key
    manifest: Manifest


class ManifestKeeper:
    """The manifest of one account. Only under the account's lock: it is read, and followed by the next."""

    def __init__(self, client: DirectusClient, author: Author, keyring: CryptographyKeyring) -> None:
        self._client = client
        self._author = author
        self._keyring = keyring

    async def read(self) -> Standing | None:
        """The manifest as it is, or None for an account that has none yet. Raises `BadManifest`."""
        row = await self._client.read(_ENTRIES, manifest_id(self._author.account))
        if row is None:
            return None
        (opened,) = self._keyring.open_records_now(Collection.SETTINGS_AND_MEMORIES, [row])
        key = self._keyring.key_of(Collection.SETTINGS_AND_MEMORIES, row["id"])
        manifest = manifests.read(opened["texts"]["sealed"] or "")
        if key is None or manifest is None:
            raise BadManifest("The manifest of this account does not open.")
        return Standing(row, key, manifest)

    async def next(self, standing: Standing | None, written: Written, stamp: int) -> Row:
        """The manifest's row after a writing, of which messages and chats are on the disk already.

        It is written last: what is written halfway is then newer than it, not missing.
        """
        if standing is None:
            return await self._first(written, stamp)
        whole = Written(written.chats, list(written.messages), written.settings, written.replaced)
        manifest = standing.manifest
        before = {row["id"]: row["version"] for name, row in written.replaced if name is Collection.CHATS}
        for chat in written.chats:
            listed = manifest.chats.get(chat["id"])
            if listed is not None and before.get(chat["id"]) == listed.version:
                continue
            # New, off the list, or left by a writing that broke off: it is listed anew, as it is.
            manifest = replace(manifest.with_chat(chat["id"], None), version=manifest.version)
            if chat["deleted_at"] is None:
                whole.messages = await self._mine(Collection.MESSAGES, {"chat_id": {"_eq": chat["id"]}})
        manifest = Notary.of(manifest).note(whole)
        return next_row(self._author, manifest, stamp, standing.row, standing.key)

    async def _first(self, written: Written, stamp: int) -> Row:
        """The manifest of what is there now: nobody can say what was there before."""
        chats, messages, settings = [await self._mine(each, {"deleted_at": {"_null": True}}) for each in Collection]
        here = {chat["id"] for chat in chats}
        after = {row["id"]: row for row in (*settings, *written.settings)}
        whole = Written(chats, [each for each in messages if each["chat_id"] in here], list(after.values()))
        return first_row(self._author, Notary(os.urandom(SECRET_BYTES)).note(whole), stamp)

    async def _mine(self, collection: Collection, which: Mapping[str, Any]) -> list[Row]:
        mine = {"hashed_user_id": {"_eq": self._author.hashed_id}, **which}
        return await self._client.search(collection.value, filter=mine, sort=("id",))
