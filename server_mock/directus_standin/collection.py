"""One collection of the stand-in: its fields, and the values that may be stored in them.

Directus on SQLite stores nearly anything anywhere, and on either database it turns numbers and objects
into text where a field is text. The stand-in refuses what PostgreSQL would refuse, and what would come
back as something else than was sent: what works here works on both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server_mock.directus.schema import Fields, FieldType, is_uuid
from server_mock.directus_standin.errors import (
    failed_validation,
    invalid_payload,
    not_a_uuid,
    value_out_of_range,
    value_too_long,
)

#: Directus makes ``string`` as varchar(255).
_MAX_STRING = 255
#: 32 bits, and what JavaScript, in which Directus is written, can hold without rounding.
_LARGEST = {FieldType.INTEGER: 2**31 - 1, FieldType.BIG_INTEGER: 2**53 - 1}
_WHOLE = re.compile(r"-?[0-9]{1,19}")

#: A value as SQLite binds it.
SqlValue = str | int | float | None


def quoted(identifier: str) -> str:
    """Return ``identifier`` as SQL; identifiers come from a collection's definition, never from a query."""
    return '"' + identifier.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection's name and fields; ``uncast`` are booleans and JSON made without Directus' cast."""

    name: str
    fields: Fields
    uncast: frozenset[str] = field(default_factory=frozenset)

    @property
    def table(self) -> str:
        """The name of its table, as SQL."""
        return quoted(f"items_{self.name}")

    def stored(self, row: object, *, whole: bool) -> dict[str, SqlValue]:
        """Return what SQLite is given for ``row``: known fields only, checked.

        ``whole`` is true for a new row, whose required fields must all be there. Raises
        ``DialectError``: FAILED_VALIDATION, VALUE_OUT_OF_RANGE, VALUE_TOO_LONG or INVALID_PAYLOAD.
        """
        given: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
        if whole:
            missing = [name for name, its in self.fields.items() if not its.nullable and name not in given]
            if missing:
                raise failed_validation(missing, "required")
        nulls = [n for n, its in self.fields.items() if not its.nullable and n in given and given[n] is None]
        if nulls:
            raise failed_validation(nulls, "nnull")
        return {name: self._stored_value(name, given[name]) for name in self.fields if name in given}

    def _stored_value(self, name: str, value: Any) -> SqlValue:
        kind = self.fields[name].type
        match value:
            case None:
                return None
            case str() if kind in (FieldType.STRING, FieldType.TEXT, FieldType.UUID):
                return self._stored_text(name, value)
            case int() | float() if kind in _LARGEST and type(value) is not bool and value == value // 1:
                return self._stored_number(name, int(value))
            case str() if kind in _LARGEST and _WHOLE.fullmatch(value):
                return self._stored_number(name, int(value))
            case int() if kind is FieldType.BOOLEAN and value in (0, 1):
                return int(value)
            case _ if kind is FieldType.JSON:
                return self._stored_json(name, value)
        raise invalid_payload(f'The value of "{name}" in "{self.name}" is not of the type "{kind}"')

    def _stored_text(self, name: str, value: str) -> str:
        kind = self.fields[name].type
        if kind is FieldType.UUID and not is_uuid(value):
            raise not_a_uuid(self.name, name)
        if kind is FieldType.STRING and len(value) > _MAX_STRING:
            raise value_too_long(self.name, name)
        if not storable(value):
            raise invalid_payload(f'The text of "{name}" in "{self.name}" is not valid Unicode')
        return value

    def _stored_number(self, name: str, value: int) -> int:
        if not fits(self.fields[name].type, value):
            raise value_out_of_range(self.name, name, value)
        return value

    def _stored_json(self, name: str, value: Any) -> str:
        if isinstance(value, str):
            try:
                json.loads(value)
            except ValueError:
                raise invalid_payload(f'The value of "{name}" in "{self.name}" is not JSON') from None
            return value
        # ASCII, so that a lone surrogate inside is stored as an escape and comes back as it was.
        return json.dumps(value, separators=(",", ":"))

    def shown(self, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Return rows as they came from SQLite, columns ``names``, as the objects that Directus answers."""
        shown = [dict(zip(names, row, strict=True)) for row in rows]
        for name in names:
            kind = self.fields[name].type
            if name in self.uncast or kind not in (FieldType.BOOLEAN, FieldType.JSON):
                continue
            read = bool if kind is FieldType.BOOLEAN else json.loads
            for row in shown:
                if row[name] is not None:
                    row[name] = read(row[name])
        return shown


def fits(kind: FieldType, number: float) -> bool:
    """Say whether ``number`` is a whole one that a column of ``kind`` has room for."""
    return number == number // 1 and abs(number) <= _LARGEST[kind]


def storable(text: str) -> bool:
    """Say whether a database can hold ``text``: no lone surrogate, and no NUL, which PostgreSQL refuses."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False
