"""A made account for tests: really derived, really sealed, small."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hearth.core.records.envelope import Place
from hearth.core.records.schema import KEY_FIELD, Collection
from hearth.ports.keys import Key
from hearth.ports.network import Account
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.testing.manifest_builder import Notary, Written
from tests.contracts import records

PASSWORD = "correct horse"
EMAIL = "person@hearth.example"


class MadeAccount:
    """An account whose records the test makes one by one."""

    def __init__(self, account: str = "account-1") -> None:
        self.cipher = CryptographyCipher()
        self.id = account
        self.salt = b"s" * 32
        credentials = self.cipher.derive_now(PASSWORD.encode(), self.salt, 1)
        self.lookup_hash = credentials.lookup_hash
        place = Place(account, "users", account, "master_key")
        self.master, wrapped = self.cipher.create_key_now(credentials.wrapping, place)
        self.entry = Account(account, wrapped)
        self._keys: dict[str, tuple[Key, str]] = {}

    def _key(self, collection: Collection, owner: str) -> tuple[Key, str]:
        if owner not in self._keys:
            place = Place(self.id, collection.value, owner, KEY_FIELD)
            self._keys[owner] = self.cipher.create_key_now(self.master, place)
        return self._keys[owner]

    def _seal(self, collection: Collection, owner: str, record: str, field: str, text: str) -> str:
        space = Collection.CHATS if collection is Collection.MESSAGES else collection
        return self.cipher.seal_now(self._key(space, owner)[0], text, Place(self.id, collection.value, record, field))

    def chat(self, chat_id: str, title: str, version: int = 1, **values: Any) -> dict[str, Any]:
        """A chat's record."""
        return records.chat(
            chat_id,
            version,
            wrapped_key=self._key(Collection.CHATS, chat_id)[1],
            title=self._seal(Collection.CHATS, chat_id, chat_id, "title", title),
            **values,
        )

    def message(self, chat_id: str, number: int, text: str, version: int = 1, **values: Any) -> dict[str, Any]:
        """A message's record."""
        content = self._seal(Collection.MESSAGES, chat_id, f"{chat_id}-{number}", "content", text)
        return records.message(chat_id, number, version, content=content, **values)

    def app(self, app_id: str, name: str) -> dict[str, Any]:
        """The record of an app itself."""
        collection = Collection.SETTINGS_AND_MEMORIES
        sealed = self._seal(collection, app_id, app_id, "sealed", json.dumps({"name": name}))
        return records.entry(app_id, app_id=app_id, wrapped_key=self._key(collection, app_id)[1], sealed=sealed)

    def manifest(self, version: int, *rows: dict[str, Any], clear_version: int = 0) -> dict[str, Any]:
        """The manifest's record over all of an account's other records, as it was in format 1: without shards."""
        notary = Notary(b"s" * 32)
        chats = [row for row in rows if "title" in row]
        messages = [row for row in rows if "chat_id" in row]
        notary.note(Written(chats, messages, [row for row in rows if "app_id" in row]))
        manifest = replace(notary.manifest, version=version)
        collection = Collection.SETTINGS_AND_MEMORIES
        text = json.dumps(records.manifest_of_format_1(manifest), separators=(",", ":"))
        sealed = self._seal(collection, "hearth", "hearth", "sealed", text)
        key = self._key(collection, "hearth")[1]
        return records.entry("hearth", clear_version or version, app_id="hearth", wrapped_key=key, sealed=sealed)

    def setting(self, app_id: str, entry_id: str, name: str, value: Any, version: int = 1) -> dict[str, Any]:
        """A setting's record."""
        body = json.dumps({"kind": "setting", "name": name, "value": value})
        sealed = self._seal(Collection.SETTINGS_AND_MEMORIES, app_id, entry_id, "sealed", body)
        return records.entry(entry_id, version, app_id=app_id, sealed=sealed)
