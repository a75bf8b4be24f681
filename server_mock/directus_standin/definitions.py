"""The bodies of ``POST /collections`` and ``POST /fields/<collection>`` as a ``Collection``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from server_mock.directus.schema import PRIMARY_KEY, Field, FieldType
from server_mock.directus_standin.collection import Collection
from server_mock.directus_standin.errors import invalid_payload

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def collection_from_body(body: Any) -> Collection:
    """Return the collection that a body of ``POST /collections`` describes.

    Raises ``DialectError`` (400 INVALID_PAYLOAD) for a bad name or type, and for what the stand-in does
    not keep: folders, and primary keys other than a text ``id``.
    """
    if not isinstance(body, dict) or "collection" not in body:
        raise invalid_payload('"collection" is required')
    name = _name(body["collection"], "collection")
    if name.lower().startswith("directus_"):
        raise invalid_payload('"collection" can\'t start with "directus_"')
    if not isinstance(body.get("schema"), dict) or not isinstance(body.get("fields"), list):
        raise invalid_payload("The stand-in makes collections with a schema and fields only")
    fields: dict[str, Field] = {}
    uncast = set()
    for described in body["fields"]:
        field_name, field, cast = _field(described)
        if field_name in fields:
            raise invalid_payload(f'Field "{field_name}" is described twice')
        fields[field_name] = field
        if not cast:
            uncast.add(field_name)
    if fields.get(PRIMARY_KEY, Field(FieldType.JSON)).type not in (FieldType.UUID, FieldType.STRING):
        raise invalid_payload(f'The stand-in needs a primary key "{PRIMARY_KEY}" of type uuid or string')
    return Collection(name, fields, frozenset(uncast))


def with_field(collection: Collection, body: Any) -> tuple[Collection, str]:
    """Return a collection with the field that a body of ``POST /fields/<collection>`` describes, and its name.

    Raises ``DialectError`` (400 INVALID_PAYLOAD) for one that is there, and for one that may not be null: the rows
    that are there have no value for it.
    """
    name, field, cast = _field(body)
    if name in collection.fields:
        raise invalid_payload(f'Field "{name}" already exists in collection "{collection.name}"')
    if not field.nullable:
        raise invalid_payload(f'The stand-in adds fields that may be null only, not "{name}"')
    uncast = collection.uncast if cast else collection.uncast | {name}
    return Collection(collection.name, {**collection.fields, name: field}, uncast), name


def with_unique(collection: Collection, name: str, body: Any) -> Collection:
    """Return a collection with a field whose values are unique, as a body of ``PATCH /fields/…`` asks for it.

    Raises ``DialectError`` (400 INVALID_PAYLOAD) for any other change: the stand-in makes no other.
    """
    field = collection.fields[name]
    wanted, changed, _cast = _field(
        {"field": name, "type": field.type.value, **(body if isinstance(body, dict) else {})}
    )
    if wanted != name or replace(changed, indexed=field.indexed) != replace(field, unique=True):
        raise invalid_payload(
            f'The stand-in changes a field so that its values are unique, and "{name}" in no other way'
        )
    return Collection(collection.name, {**collection.fields, name: replace(field, unique=True)}, collection.uncast)


def _name(value: Any, what: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise invalid_payload(f'"{what}" has to be a name of letters, digits and underscores')
    return value


def _field(described: Any) -> tuple[str, Field, bool]:
    """Return a field's name, the field, and whether its values are cast when read."""
    if not isinstance(described, dict):
        raise invalid_payload('"fields" has to be an array of objects')
    name = _name(described.get("field"), "field")
    try:
        kind = FieldType(str(described.get("type")))
    except ValueError:
        raise invalid_payload(f'Illegal type passed: "{described.get("type")}"') from None
    schema, meta = described.get("schema") or {}, described.get("meta") or {}
    if not isinstance(schema, dict) or not isinstance(meta, dict):
        raise invalid_payload(f'"schema" and "meta" of field "{name}" have to be objects')
    is_key = bool(schema.get("is_primary_key"))
    if is_key != (name == PRIMARY_KEY):
        raise invalid_payload(f'The stand-in needs the primary key to be "{PRIMARY_KEY}"')
    nullable = not is_key and schema.get("is_nullable") is not False
    special = meta.get("special") or []
    cast = any(str(word).startswith("cast-") for word in special) if isinstance(special, list) else False
    unique = bool(schema.get("is_unique")) and not is_key
    return name, Field(kind, nullable, bool(schema.get("is_indexed")), unique), cast
