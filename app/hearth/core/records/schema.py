"""The registry of fields: what is stored in the clear, what only sealed, and what is refused.

A record is one JSON object of one collection. Every field is listed here; a field that is not listed is
refused, so that nothing can come to be stored in the clear because nobody had thought of it.

| collection            | clear                                                    | key | sealed |
| --------------------- | -------------------------------------------------------- | ----------- | ------ |
| chats                 | id version changed_at created_at last_updated deleted_at | wrapped_key | title draft |
| messages              | id chat_id role version changed_at created_at deleted_at | | content files embeds |
| settings_and_memories | id app_id version changed_at deleted_at                  | wrapped_key | sealed |

What the sealed fields hold once opened: `title`, `draft` and `content` are text; `files` is a JSON array
of `{"name", "type", "size", "text"}` (size in bytes, text as extracted); `embeds` is a JSON array of
`{"url", "title", "description"}`; `sealed` is `{"name"}` for the record of an app itself (its id is its
`app_id`) and `{"kind": "setting" | "memory", "name", "value"}` for an entry of that app.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Collection(StrEnum):
    """The collections that travel to a device, in the order in which one frame's records are applied."""

    CHATS = "chats"
    MESSAGES = "messages"
    SETTINGS_AND_MEMORIES = "settings_and_memories"


class Kind(StrEnum):
    """What a field may hold on the wire and on the disk."""

    ID = "id"
    """Non-empty text of at most `MAX_ID_CHARS` characters."""
    NUMBER = "number"
    """An integer from 0 to 2**53 - 1 (what JSON carries safely): milliseconds, versions, stamps."""
    NUMBER_OR_NULL = "number-or-null"
    ROLE = "role"
    """One of `ROLES`."""
    SEALED_OR_NULL = "sealed-or-null"
    """Base64 text of a sealed value or wrapped key, or null."""


MAX_ID_CHARS = 64
MAX_SAFE_INTEGER = 2**53 - 1
ROLES = ("user", "assistant", "system")
MIN_SEALED_CHARS = 52
"""The base64 length of the shortest sealed value: 1 + 8 + 12 + 0 + 16 bytes."""

_VERSIONED = {"version": Kind.NUMBER, "changed_at": Kind.NUMBER, "deleted_at": Kind.NUMBER_OR_NULL}


@dataclass(frozen=True, slots=True)
class Spec:
    """One collection: its fields, whose key seals (of which collection, named by which field), and what."""

    fields: Mapping[str, Kind]
    key_space: Collection
    key_owner: str
    sealed: tuple[str, ...]
    wraps_key: bool


SPECS: Mapping[Collection, Spec] = {
    Collection.CHATS: Spec(
        fields={
            "id": Kind.ID,
            **_VERSIONED,
            "created_at": Kind.NUMBER,
            "last_updated": Kind.NUMBER,
            "wrapped_key": Kind.SEALED_OR_NULL,
            "title": Kind.SEALED_OR_NULL,
            "draft": Kind.SEALED_OR_NULL,
        },
        key_space=Collection.CHATS,
        key_owner="id",
        sealed=("title", "draft"),
        wraps_key=True,
    ),
    Collection.MESSAGES: Spec(
        fields={
            "id": Kind.ID,
            "chat_id": Kind.ID,
            "role": Kind.ROLE,
            **_VERSIONED,
            "created_at": Kind.NUMBER,
            "content": Kind.SEALED_OR_NULL,
            "files": Kind.SEALED_OR_NULL,
            "embeds": Kind.SEALED_OR_NULL,
        },
        key_space=Collection.CHATS,
        key_owner="chat_id",
        sealed=("content", "files", "embeds"),
        wraps_key=False,
    ),
    Collection.SETTINGS_AND_MEMORIES: Spec(
        fields={
            "id": Kind.ID,
            "app_id": Kind.ID,
            **_VERSIONED,
            "wrapped_key": Kind.SEALED_OR_NULL,
            "sealed": Kind.SEALED_OR_NULL,
        },
        key_space=Collection.SETTINGS_AND_MEMORIES,
        key_owner="app_id",
        sealed=("sealed",),
        wraps_key=True,
    ),
}

UNTAGGED = frozenset({"changed_at", "deleted_at"})
"""The fields that the server sets: a record's tag (`hearth.core.records.manifest`) leaves them out."""

KEY_FIELD = "key"
"""The field name that a record's `wrapped_key` is bound to as associated data."""

MASTER_KEY_COLLECTION = "users"
"""The collection name that the account's wrapped master key is bound to; its record id is the account's."""


def check_record(collection: Collection, record: object) -> str | None:
    """Say what is wrong with a record, or None. The browser's kernel does the same from `specs_json`."""
    if not isinstance(record, Mapping):
        return "not an object"
    fields = SPECS[collection].fields
    for name in record:
        if name not in fields:
            return "a field that is not in the registry"
    for name, kind in fields.items():
        if name not in record:
            return f"{name} is missing"
        if not _fits(kind, record[name]):
            return f"{name} is not a valid {kind.value}"
    return None


def _fits(kind: Kind, value: object) -> bool:
    match kind:
        case Kind.ID:
            return isinstance(value, str) and 0 < len(value) <= MAX_ID_CHARS
        case Kind.NUMBER:
            return _is_number(value)
        case Kind.NUMBER_OR_NULL:
            return value is None or _is_number(value)
        case Kind.ROLE:
            return value in ROLES
        case Kind.SEALED_OR_NULL:
            # The version byte 1 makes base64 begin with "A" and one of Q to f: plaintext hardly ever does.
            return value is None or (
                isinstance(value, str) and len(value) >= MIN_SEALED_CHARS and value[0] == "A" and value[1] in _SECOND
            )


_SECOND = "QRSTUVWXYZabcdef"


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SAFE_INTEGER


def specs_json() -> str:
    """The registry as JSON, for the kernel that checks and opens records in bulk."""
    specs: dict[str, Any] = {
        collection.value: {
            "fields": {name: kind.value for name, kind in spec.fields.items()},
            "keySpace": spec.key_space.value,
            "keyOwner": spec.key_owner,
            "sealed": spec.sealed,
            "wrapsKey": spec.wraps_key,
            "tagged": [name for name in spec.fields if name not in UNTAGGED],
        }
        for collection, spec in SPECS.items()
    }
    return json.dumps(
        {
            "collections": specs,
            "roles": ROLES,
            "maxId": MAX_ID_CHARS,
            "minSealed": MIN_SEALED_CHARS,
            "keyField": KEY_FIELD,
        }
    )
