"""Reads the manifest's rows and makes the next ones, as a device does with everything that it writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hearth.core.records.manifest import SECRET_BYTES, manifest_id
from hearth.core.records.schema import Collection
from hearth.testing.cpython_cipher import CryptographyKeyring
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.testing.manifest_builder import Notary, Standing, Written, first_rows, next_rows, standing_of
from server_mock.testing.record_factory import Author

_ENTRIES = Collection.SETTINGS_AND_MEMORIES


class BadManifest(ValueError):
    """The manifest that is there does not open; the text is fit to be shown."""


class ManifestKeeper:
    """The manifest of one account. Only under the account's lock: it is read, and followed by the next."""

    def __init__(self, client: DirectusClient, author: Author, keyring: CryptographyKeyring) -> None:
        self._client = client
        self._author = author
        self._keyring = keyring

    async def read(self) -> Standing | None:
        """The manifest as it is, or None for an account that has none yet. Raises `BadManifest`."""
        row_id = manifest_id(self._author.account)
        rows = {row["id"]: row for row in await self._mine(_ENTRIES, {"app_id": {"_eq": row_id}})}
        if row_id not in rows:
            return None
        standing = standing_of(self._keyring, row_id, rows)
        if standing is None:
            raise BadManifest("The manifest of this account does not open.")
        return standing

    async def next(self, standing: Standing | None, written: Written, stamp: int) -> list[Row]:
        """The manifest's rows after a writing, of which messages and chats are on the disk already.

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
        return next_rows(self._author, standing, manifest, stamp, standing.rows[manifest_id(self._author.account)])

    async def _first(self, written: Written, stamp: int) -> list[Row]:
        """The manifest of what is there now: nobody can say what was there before."""
        chats, messages, settings = [await self._mine(each, {"deleted_at": {"_null": True}}) for each in Collection]
        here = {chat["id"] for chat in chats}
        after = {row["id"]: row for row in (*settings, *written.settings)}
        whole = Written(chats, [each for each in messages if each["chat_id"] in here], list(after.values()))
        return first_rows(self._author, Notary(os.urandom(SECRET_BYTES)).note(whole), stamp)

    async def _mine(self, collection: Collection, which: Mapping[str, Any]) -> list[Row]:
        mine = {"hashed_user_id": {"_eq": self._author.hashed_id}, **which}
        return await self._client.search(collection.value, filter=mine, sort=("id",))
