"""The collections that the server keeps, as data: what Directus is asked to make, how rows are read back.

The records of devices have the fields of their registry (``hearth.core.records.schema``), whatever these are.

Every collection's primary key is ``id``, a UUID string that the server supplies. What is text here and
not plainly an id, a role or a hash is ciphertext: Directus never holds anything that it could read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from hearth.core.records.schema import SPECS, FieldKind
from hearth.core.records.schema import Collection as Registry

#: The layout of a data file (``PRAGMA user_version``), whatever collections it holds; one with a higher one is refused.
SCHEMA_VERSION = 1

#: The one primary key of every collection.
PRIMARY_KEY = "id"

Row = dict[str, Any]


class FieldType(StrEnum):
    """The Directus field types in use."""

    UUID = "uuid"
    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    BIG_INTEGER = "bigInteger"
    BOOLEAN = "boolean"
    JSON = "json"


#: Types whose values come back from SQLite as they are stored unless the field carries Directus' cast.
_CASTS = {FieldType.BOOLEAN: "cast-boolean", FieldType.JSON: "cast-json"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type, whether null is a value of it, whether it has an index, whether no value comes twice.

    A collection that is there is brought in step by a migration: what is new or different here needs one.
    """

    type: FieldType
    nullable: bool = False
    indexed: bool = False
    unique: bool = False


Fields = Mapping[str, Field]


def _fields(**fields: Field) -> Fields:
    return MappingProxyType({PRIMARY_KEY: Field(FieldType.UUID), **fields})


_CIPHERTEXT = Field(FieldType.TEXT, nullable=True)
_VERSION = Field(FieldType.INTEGER)
#: A moment in milliseconds: Directus' ``integer`` is 32 bits wide on PostgreSQL and cannot hold one.
_MOMENT = Field(FieldType.BIG_INTEGER)
_STAMP = Field(FieldType.BIG_INTEGER, indexed=True)
_MOMENT_OR_NULL = Field(FieldType.BIG_INTEGER, nullable=True)
_OWNER = Field(FieldType.STRING, indexed=True)

#: What holds a field of the devices' registry, unless its collection says otherwise below.
_BY_KIND = {
    FieldKind.ID: Field(FieldType.STRING, indexed=True),
    FieldKind.NUMBER: _MOMENT,
    FieldKind.NUMBER_OR_NULL: _MOMENT_OR_NULL,
    FieldKind.ROLE: Field(FieldType.STRING),
    FieldKind.SEALED_OR_NULL: _CIPHERTEXT,
}


def _records(collection: Registry, **ours: Field) -> Fields:
    """Every field of a collection of the registry, whose row it is, and what no device sees."""
    kinds = {name: _BY_KIND[kind] for name, kind in SPECS[collection].fields.items() if name != PRIMARY_KEY}
    return _fields(hashed_user_id=_OWNER, **{**kinds, **ours})


COLLECTIONS: Mapping[str, Fields] = MappingProxyType(
    {
        "migrations": _fields(
            # Which are done (``server_mock.directus.migrations``): the highest number is the schema of the data.
            number=Field(FieldType.INTEGER, indexed=True),
            done_at=_MOMENT,
        ),
        "users": _fields(
            hashed_email=Field(FieldType.STRING, indexed=True, unique=True),
            lookup_hashes=Field(FieldType.JSON),
            # What each of the lookup hashes belongs to (``server_mock.protocol.ways``).
            ways=Field(FieldType.JSON, nullable=True),
            # Hashes of sessions that a change of the password ends: written with it, and emptied once they have ended.
            ending=Field(FieldType.TEXT, nullable=True),
            # When its deletion began: a server that dies on the way goes on with it.
            deleting=_MOMENT_OR_NULL,
            salt=Field(FieldType.STRING),
            iterations=Field(FieldType.INTEGER),
            wrapped_master_key=Field(FieldType.TEXT),
            last_opened=Field(FieldType.STRING, nullable=True),
            created_at=_MOMENT,
            demo=Field(FieldType.BOOLEAN, nullable=True),
        ),
        "invites": _fields(
            # The SHA-256 of the code, as hex text; the id is made of it.
            code_hash=Field(FieldType.STRING),
            created_at=_MOMENT,
            # The account that the code made.
            used_by=Field(FieldType.STRING, nullable=True),
        ),
        "secrets": _fields(
            # What lasts as long as the data (``server_mock.protocol.server_secret``), as hex text.
            secret=Field(FieldType.STRING),
        ),
        "leases": _fields(
            # Which server works on the data (``server_mock.protocol.lease``): the highest number counts.
            number=Field(FieldType.INTEGER, indexed=True),
            beat=Field(FieldType.BIG_INTEGER),
            seconds=Field(FieldType.INTEGER),
            returned=Field(FieldType.BOOLEAN),
        ),
        "sessions": _fields(
            # The SHA-256 of the cookie's token, as hex text: what is here signs nobody in.
            token_hash=Field(FieldType.STRING),
            user_id=Field(FieldType.STRING, indexed=True),
            hashed_email=Field(FieldType.STRING),
            expires_at=_STAMP,
            revoked=Field(FieldType.BOOLEAN),
            # Which device's it is, and what that device calls itself, sealed; see ``server_mock.protocol.devices``.
            device=Field(FieldType.STRING, nullable=True),
            name=_CIPHERTEXT,
            begun_at=_MOMENT_OR_NULL,
            seen_at=_MOMENT_OR_NULL,
            # When another device ended it, and when its own device had deleted what it stored.
            ended_at=_MOMENT_OR_NULL,
            wiped_at=_MOMENT_OR_NULL,
        ),
        "chats": _records(Registry.CHATS, version=_VERSION, changed_at=_STAMP, last_updated=_STAMP),
        "messages": _records(Registry.MESSAGES, version=_VERSION, changed_at=_STAMP),
        "settings_and_memories": _records(
            Registry.SETTINGS_AND_MEMORIES,
            version=_VERSION,
            changed_at=_STAMP,
            # Of the manifest only: which mutations were written (``server_mock.protocol.answered_mutations``).
            answered=Field(FieldType.JSON, nullable=True),
        ),
    }
)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_uuid(text: str) -> bool:
    """Say whether ``text`` is a UUID as databases write them: PostgreSQL turns capitals into small letters."""
    return _UUID.fullmatch(text) is not None


def creation_body(collection: str, fields: Fields) -> dict[str, Any]:
    """Return the JSON body that asks Directus to make ``collection`` (``POST /collections``)."""
    return {
        "collection": collection,
        "schema": {},
        # No activity or revisions are kept: they would hold every ciphertext a second time.
        "meta": {"accountability": None},
        "fields": [field_body(name, field) for name, field in fields.items()],
    }


def field_body(name: str, field: Field) -> dict[str, Any]:
    """Return the JSON body that asks Directus to make one field (``POST /fields/<collection>``)."""
    return {
        "field": name,
        "type": field.type.value,
        "schema": {
            "is_primary_key": name == PRIMARY_KEY,
            # The primary key has an index of its own.
            "is_indexed": field.indexed and not field.unique and name != PRIMARY_KEY,
            "is_unique": field.unique,
            "is_nullable": field.nullable,
        },
        # Always an object, even if empty: a field without one breaks a later schema apply.
        "meta": {"special": [_CASTS[field.type]]} if field.type in _CASTS else {},
    }


def rows_from_wire(fields: Fields, rows: list[Row]) -> list[Row]:
    """Give ``rows``, in place, the types that ``fields`` promises, whichever database Directus stands on.

    PostgreSQL sends ``bigInteger`` as a string; SQLite sends booleans as 0 and 1, and JSON as text,
    where a field was made without a cast. Fields that the schema does not know pass unchanged.
    Raises ``ValueError`` when a value cannot be what the schema says.
    """
    for name, field in fields.items():
        convert = _FROM_WIRE.get(field.type)
        if convert is not None:
            for row in rows:
                if row.get(name) is not None:
                    row[name] = convert(row[name])
    return rows


def _boolean_from_wire(value: Any) -> bool:
    return bool(int(value))


def _json_from_wire(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_FROM_WIRE: Mapping[FieldType, Callable[[Any], Any]] = MappingProxyType(
    {
        FieldType.INTEGER: int,
        FieldType.BIG_INTEGER: int,
        FieldType.BOOLEAN: _boolean_from_wire,
        FieldType.JSON: _json_from_wire,
    }
)
