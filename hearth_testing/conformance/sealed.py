"""Values in the form of sealed ones, and records made of them: a server sees no more of anybody's records."""

from __future__ import annotations

import base64
import os
import time
import uuid
from collections.abc import Mapping
from typing import Any

from hearth.core.records.envelope import KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import SPECS, Collection

CHATS, MESSAGES, ENTRIES = Collection
Row = dict[str, Any]
Records = Mapping[Collection, list[Row]]

FORMAT_BYTE = b"\x01"


def new_id() -> str:
    """A random UUID."""
    return str(uuid.uuid4())


def sealed(length: int = 20) -> str:
    """A value that nobody can open, in the form of one that is sealed."""
    return _text(FORMAT_BYTE, KEY_ID_BYTES + NONCE_BYTES + length + TAG_BYTES)


def wrapped() -> str:
    """A key that nobody can open, in the form of one that is wrapped."""
    return _text(FORMAT_BYTE, 2 * KEY_ID_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES)


def _text(head: bytes, count: int) -> str:
    return base64.b64encode(head + os.urandom(count)).decode()


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def _row(collection: Collection, **values: Any) -> Row:
    first = {"id": new_id(), "version": 1, "changed_at": 0, "deleted_at": None}
    return {**dict.fromkeys(SPECS[collection].fields), **first, **values}


def chat(at: int | None = None, **values: Any) -> Row:
    """The first version of a chat that was updated at a moment."""
    at = now_ms() if at is None else at
    given = {"created_at": at, "last_updated": at, "wrapped_key": wrapped(), "title": sealed()}
    return _row(CHATS, **{**given, **values})


def message(chat_id: str, at: int | None = None, **values: Any) -> Row:
    """The first version of a message of a chat."""
    at = now_ms() if at is None else at
    given = {"chat_id": chat_id, "role": "user", "created_at": at, "content": sealed()}
    return _row(MESSAGES, **{**given, **values})


def first_manifest(account: str) -> Row:
    """The record that vouches for an account without chats."""
    own = manifest_id(account)
    return _row(ENTRIES, id=own, app_id=own, wrapped_key=wrapped(), sealed=sealed())


def following(row: Row, **values: Any) -> Row:
    """The next version of a record."""
    return {**row, "version": row["version"] + 1, **values}


def tombstone(collection: Collection, row: Row) -> Row:
    """The next version of a record, deleted."""
    empty: Row = dict.fromkeys(SPECS[collection].sealed)
    if collection is CHATS:
        empty["wrapped_key"] = None
    return following(row, deleted_at=now_ms(), **empty)
