"""The registry of fields: what is stored in the clear, what only sealed, and what is refused.

A record is one JSON object of one collection. Every field is listed here:

| collection | clear | key | sealed |
| --- | --- | --- | --- |
| chats | id version changed_at created_at last_updated deleted_at | wrapped_key | title draft pinned |
| messages | id chat_id role version changed_at created_at deleted_at | | content files embeds interrupted |
| settings_and_memories | id app_id version changed_at deleted_at | wrapped_key | sealed |

A message of the role `draft` is what a person has typed and not sent: at most one of a chat, whose id follows from the
chat's (`hearth.core.records.drafts`), with `created_at` 0. It travels with the chat's messages.

What the sealed fields hold once opened: `title`, `draft` and `content` are text; `pinned` is any text in a chat that is
pinned, and null or the empty text in one that is not; `interrupted` is any text in an assistant's answer that was cut
off, and null or the empty text in every other message; `files` is a JSON array
of `{"name", "type", "size", "text"}` (size in bytes, text as extracted); `embeds` is a JSON array of
`{"url", "title", "description"}`; `sealed` is `{"name"}` for the record of an app itself (its id is its
`app_id`) and `{"kind": "setting" | "memory", "name", "value"}` for an entry of that app.

The schema is additive. A field that comes later goes into a collection's `optional`, and is null where a record lacks
it: in a record that is stored already, or that comes from a device or a server of before. A field that is not listed
was added by somebody newer: if it is null or has the form of a sealed value it is kept as it came, and travels on with
the record. Anything else is refused, so that nothing is stored in the clear because nobody had thought of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, assert_never

from hearth.core.dataclass_json import MAX_SAFE_INTEGER, Size
from hearth.core.records.envelope import MIN_SEALED_CHARS, has_sealed_form


class Collection(StrEnum):
    """The collections that travel to a device, in the order in which one frame's records are applied."""

    CHATS = "chats"
    MESSAGES = "messages"
    SETTINGS_AND_MEMORIES = "settings_and_memories"


class FieldKind(StrEnum):
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
Id = Annotated[str, Size(MAX_ID_CHARS, least=1)]
"""The id of a record, an app, a chat or an account."""
DRAFT = "draft"
ROLES = ("user", "assistant", "system", DRAFT)
_LATER_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

WRAPPED_KEY = "wrapped_key"
"""The field of the key that seals a record's other fields: it is not opened as text."""

INTERRUPTED = "interrupted"
"""The field that marks an answer as cut off."""

_VERSIONED = {"version": FieldKind.NUMBER, "changed_at": FieldKind.NUMBER, "deleted_at": FieldKind.NUMBER_OR_NULL}


@dataclass(frozen=True, slots=True)
class Spec:
    """One collection: its fields, and whose key seals them (of which collection, named by which field).

    `base` is what every record has; the manifest's tags begin with these fields in this order, so it never changes.
    """

    base: Mapping[str, FieldKind]
    key_space: Collection
    key_owner: str
    optional: Mapping[str, FieldKind] = field(default_factory=dict)
    """The fields that were added later, each of a kind that may be null."""
    fields: Mapping[str, FieldKind] = field(init=False)
    """All of them."""
    sealed: tuple[str, ...] = field(init=False)
    """The fields that a keyring opens."""

    def __post_init__(self) -> None:
        fields = {**self.base, **self.optional}
        sealed = (name for name, kind in fields.items() if kind is FieldKind.SEALED_OR_NULL and name != WRAPPED_KEY)
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "sealed", tuple(sealed))

    @property
    def wraps_key(self) -> bool:
        """Whether a record may bring the key of its owner."""
        return WRAPPED_KEY in self.base


SPECS: Mapping[Collection, Spec] = {
    Collection.CHATS: Spec(
        base={
            "id": FieldKind.ID,
            **_VERSIONED,
            "created_at": FieldKind.NUMBER,
            "last_updated": FieldKind.NUMBER,
            WRAPPED_KEY: FieldKind.SEALED_OR_NULL,
            "title": FieldKind.SEALED_OR_NULL,
            "draft": FieldKind.SEALED_OR_NULL,
        },
        key_space=Collection.CHATS,
        key_owner="id",
        optional={"pinned": FieldKind.SEALED_OR_NULL},
    ),
    Collection.MESSAGES: Spec(
        base={
            "id": FieldKind.ID,
            "chat_id": FieldKind.ID,
            "role": FieldKind.ROLE,
            **_VERSIONED,
            "created_at": FieldKind.NUMBER,
            "content": FieldKind.SEALED_OR_NULL,
            "files": FieldKind.SEALED_OR_NULL,
            "embeds": FieldKind.SEALED_OR_NULL,
        },
        key_space=Collection.CHATS,
        key_owner="chat_id",
        optional={INTERRUPTED: FieldKind.SEALED_OR_NULL},
    ),
    Collection.SETTINGS_AND_MEMORIES: Spec(
        base={
            "id": FieldKind.ID,
            "app_id": FieldKind.ID,
            **_VERSIONED,
            WRAPPED_KEY: FieldKind.SEALED_OR_NULL,
            "sealed": FieldKind.SEALED_OR_NULL,
        },
        key_space=Collection.SETTINGS_AND_MEMORIES,
        key_owner="app_id",
    ),
}

UNTAGGED = frozenset({"changed_at", "deleted_at"})
"""The fields that the server sets: a record's tag (`hearth.core.records.manifest`) leaves them out."""

KEY_FIELD = "key"
"""The field name that a record's `wrapped_key` is bound to as associated data."""

MASTER_KEY_COLLECTION = "users"
"""The collection name that the account's wrapped master key is bound to; its record id is the account's."""


def is_later_field(name: str, value: object) -> bool:
    """Whether a field that is not in the registry is one that somebody newer added, and may be kept as it came."""
    return _LATER_NAME.fullmatch(name) is not None and (value is None or has_sealed_form(value))


def check_record(collection: Collection, record: object) -> str | None:
    """Say what is wrong with a record, or None. The browser's kernel does the same from `specs_json`."""
    if not isinstance(record, Mapping):
        return "not an object"
    spec = SPECS[collection]
    for name, value in record.items():
        if name not in spec.fields and not is_later_field(name, value):
            return "a field that is not in the registry, and not sealed"
    for name, kind in spec.fields.items():
        if name in record:
            if not _fits(kind, record[name]):
                return f"{name} is not a valid {kind.value}"
        elif name in spec.base:
            return f"{name} is missing"
    return None


def later_fields(collection: Collection, row: Mapping[str, Any]) -> dict[str, Any]:
    """The values in a row that are of no field of the first layout: of optional fields, and of later, sealed ones.

    Nulls are left out: a field that is null and one that is absent are the same.
    """
    spec = SPECS[collection]
    return {
        name: value
        for name, value in row.items()
        if value is not None and name not in spec.base and (name in spec.optional or is_later_field(name, value))
    }


def empty_record(collection: Collection, **values: Any) -> dict[str, Any]:
    """A record with these values and no others, before its first version."""
    return dict.fromkeys(SPECS[collection].base) | {"version": 0, "changed_at": 0} | values


def emptied(collection: Collection) -> dict[str, None]:
    """What is sealed in a record, its key included, as it is in a deleted one."""
    spec = SPECS[collection]
    return dict.fromkeys((*spec.sealed, WRAPPED_KEY) if spec.wraps_key else spec.sealed)


def record_of(collection: Collection, row: Mapping[str, Any]) -> dict[str, Any]:
    """The record in a row of a disk that holds more: the registry's fields, and later ones that are sealed."""
    spec = SPECS[collection]
    base = {name: row[name] for name in spec.base}
    return base | dict.fromkeys(spec.optional) | later_fields(collection, row)


def _fits(kind: FieldKind, value: object) -> bool:
    match kind:
        case FieldKind.ID:
            return isinstance(value, str) and 0 < len(value) <= MAX_ID_CHARS
        case FieldKind.NUMBER:
            return _is_number(value)
        case FieldKind.NUMBER_OR_NULL:
            return value is None or _is_number(value)
        case FieldKind.ROLE:
            return value in ROLES
        case FieldKind.SEALED_OR_NULL:
            # Only the beginning, which plaintext hardly ever has: a damaged value is for the keyring to report.
            return value is None or (
                isinstance(value, str) and len(value) >= MIN_SEALED_CHARS and value[0] == "A" and value[1] in _SECOND
            )
        case _:
            assert_never(kind)


_SECOND = "QRSTUVWXYZabcdef"


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SAFE_INTEGER


def specs_json() -> str:
    """The registry as JSON, for the kernel that checks and opens records in bulk."""
    specs: dict[str, Any] = {
        collection.value: {
            "fields": {name: kind.value for name, kind in spec.fields.items()},
            "optional": list(spec.optional),
            "keySpace": spec.key_space.value,
            "keyOwner": spec.key_owner,
            "sealed": spec.sealed,
            "wrapsKey": spec.wraps_key,
            "tagged": [name for name in spec.base if name not in UNTAGGED],
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
            "laterName": _LATER_NAME.pattern,
        }
    )
