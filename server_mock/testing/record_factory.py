"""What a device of an account does when it writes: new ids, new keys, sealed values, rows for Directus."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hearth.core.records.envelope import (
    PBKDF2_ITERATIONS,
    SALT_BYTES,
    Place,
    normalise_password,
)
from hearth.core.records.schema import KEY_FIELD, MASTER_KEY_COLLECTION, SPECS, WRAPPED_KEY, Collection
from hearth.ports.keys import Key
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.directus.schema import Row
from server_mock.protocol.accounts import hash_email
from server_mock.protocol.ways import sha256_hex

MASTER_KEY_FIELD = "master_key"


class Author:
    """Writes as one account; `random_bytes` makes its ids, the cipher its keys and nonces."""

    def __init__(
        self, cipher: CryptographyCipher, account: str, master: Key, random_bytes: Callable[[int], bytes]
    ) -> None:
        self.account = account
        self.master = master
        self.hashed_id = sha256_hex(account)
        self._cipher = cipher
        self._random = random_bytes

    @classmethod
    def sign_up(
        cls,
        email: str,
        password: str,
        random_bytes: Callable[[int], bytes],
        *,
        created_at: int,
        iterations: int = PBKDF2_ITERATIONS,
    ) -> tuple[Author, Row]:
        """Make an account: who writes as it, and its row of `users`. Takes 0.1 to 0.2 s."""
        cipher = CryptographyCipher(random_bytes)
        account, salt = new_id(random_bytes), random_bytes(SALT_BYTES)
        credentials = cipher.derive_now(normalise_password(password), salt, iterations)
        place = Place(account, MASTER_KEY_COLLECTION, account, MASTER_KEY_FIELD)
        master, wrapped = cipher.create_key_now(credentials.wrapping, place)
        row = {
            "id": account,
            "hashed_email": hash_email(email),
            "lookup_hashes": [sha256_hex(credentials.lookup_hash)],
            "salt": base64.b64encode(salt).decode(),
            "iterations": iterations,
            "wrapped_master_key": wrapped,
            "last_opened": None,
            "created_at": created_at,
            "demo": True,
        }
        return cls(cipher, account, master, random_bytes), row

    @classmethod
    def sign_in(cls, row: Mapping[str, Any], password: str, random_bytes: Callable[[int], bytes]) -> Author:
        """Who writes as an account that is there. Raises `SealError` when the password is another."""
        cipher = CryptographyCipher(random_bytes)
        salt = base64.b64decode(row["salt"])
        credentials = cipher.derive_now(normalise_password(password), salt, row["iterations"])
        place = Place(row["id"], MASTER_KEY_COLLECTION, row["id"], MASTER_KEY_FIELD)
        master = cipher.unwrap_key_now(credentials.wrapping, row["wrapped_master_key"], place)
        return cls(cipher, row["id"], master, random_bytes)

    def chat(self, title: str, *, at: int, last_updated: int, **texts: str | None) -> tuple[Row, Key]:
        """A new chat and its key, which is made once, with the chat. Times in milliseconds since 1970.

        `texts` are its other sealed fields.
        """
        chat_id = new_id(self._random)
        place = Place(self.account, Collection.CHATS.value, chat_id, KEY_FIELD)
        key, wrapped = self._cipher.create_key_now(self.master, place)
        clear = {"changed_at": last_updated, "created_at": at, "last_updated": last_updated, WRAPPED_KEY: wrapped}
        return self._row(key, Collection.CHATS, chat_id, clear, {"title": title, **texts}), key

    def message(
        self,
        key: Key,
        chat_id: str,
        text: str,
        *,
        role: str,
        at: int,
        files: Sequence[Mapping[str, Any]] = (),
        embeds: Sequence[Mapping[str, Any]] = (),
    ) -> Row:
        """A new message of a chat."""
        clear = {"chat_id": chat_id, "role": role, "changed_at": at, "created_at": at}
        texts = {
            "content": text,
            "files": _json(files) if files else None,
            "embeds": _json(embeds) if embeds else None,
        }
        return self._row(key, Collection.MESSAGES, new_id(self._random), clear, texts)

    def app(self, name: str, *, at: int) -> tuple[Row, Key]:
        """The record of an app, whose id is its `app_id`, and the key of its settings and memories."""
        return self.app_record(new_id(self._random), {"name": name}, at=at)

    def app_record(self, app_id: str, content: Mapping[str, Any], *, at: int) -> tuple[Row, Key]:
        """An app's own record of a given id, and its key."""
        place = Place(self.account, Collection.SETTINGS_AND_MEMORIES.value, app_id, KEY_FIELD)
        key, wrapped = self._cipher.create_key_now(self.master, place)
        clear = {"app_id": app_id, "changed_at": at, WRAPPED_KEY: wrapped}
        return self._row(key, Collection.SETTINGS_AND_MEMORIES, app_id, clear, {"sealed": _json(content)}), key

    def entry(self, key: Key, app_id: str, entry: Mapping[str, Any], *, at: int, row_id: str | None = None) -> Row:
        """A setting or a memory of an app: `{"kind", "name", "value"}`."""
        clear, name = {"app_id": app_id, "changed_at": at}, row_id or new_id(self._random)
        return self._row(key, Collection.SETTINGS_AND_MEMORIES, name, clear, {"sealed": _json(entry)})

    def next_entry(
        self, key: Key, app_id: str, row_id: str, before: Row | None, content: Mapping[str, Any], *, at: int
    ) -> Row:
        """The next version of a record of an app, whose row is `before`, or its first."""
        if before is None:
            return self.entry(key, app_id, content, at=at, row_id=row_id)
        sealed = self.seal_entry(key, row_id, content)
        return {**before, "sealed": sealed, "version": before["version"] + 1, "changed_at": at, "deleted_at": None}

    def seal(self, key: Key, collection: Collection, row_id: str, field: str, text: str) -> str:
        """Seal one field of a row."""
        return self._cipher.seal_now(key, text, Place(self.account, collection.value, row_id, field))

    def seal_entry(self, key: Key, row_id: str, content: Mapping[str, Any]) -> str:
        """Seal what a record of settings and memories holds."""
        return self.seal(key, Collection.SETTINGS_AND_MEMORIES, row_id, "sealed", _json(content))

    def _row(
        self,
        key: Key,
        collection: Collection,
        row_id: str,
        clear: Mapping[str, Any],
        texts: Mapping[str, str | None],
    ) -> Row:
        """A row of version 1: every field of the registry, null unless it is given."""
        spec = SPECS[collection]
        given = {**dict.fromkeys(spec.sealed), **texts}
        sealed = {
            name: None if text is None else self.seal(key, collection, row_id, name, text)
            for name, text in given.items()
        }
        own = {"id": row_id, "hashed_user_id": self.hashed_id, "version": 1}
        return {**dict.fromkeys(spec.fields), **own, **clear, **sealed}


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def new_id(random_bytes: Callable[[int], bytes]) -> str:
    """A random UUID (version 4)."""
    return str(uuid.UUID(bytes=random_bytes(16), version=4))
