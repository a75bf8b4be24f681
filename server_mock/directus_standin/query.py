"""A read's query, validated: ``fields``, ``filter``, ``sort``, ``limit``, ``page``, ``offset``, ``meta``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server_mock.directus_standin.collection import Collection, quoted
from server_mock.directus_standin.errors import invalid_query, no_such_field
from server_mock.directus_standin.filters import Condition, compile_filter

#: Rows that a query without a limit answers.
DEFAULT_LIMIT = 100

#: JavaScript's largest safe integer; more rows than that there are not.
_LARGEST = 2**53 - 1

_METAS = ("total_count", "filter_count")

#: What a real Directus would act on and the stand-in cannot: refused, since to ignore it would be to lie.
_BEYOND = ("aggregate", "groupBy", "search", "deep", "alias", "version", "export")


@dataclass(frozen=True, slots=True)
class Query:
    """A query that holds nothing but what the schema knows; ``limit`` -1 is all, ``meta`` None is unasked."""

    fields: tuple[str, ...]
    where: Condition
    order_by: str
    limit: int
    offset: int
    meta: tuple[str, ...] | None


def parse_query(collection: Collection, raw: Mapping[str, Any]) -> Query:
    """Return ``raw`` (the parameters of a URL, or ``query`` of a SEARCH body) as a ``Query``.

    Raises ``DialectError``: 400 INVALID_QUERY for what makes no sense, 403 FORBIDDEN for unknown fields.
    """
    for name in _BEYOND:
        if raw.get(name):
            raise invalid_query(f'The stand-in does not speak "{name}"')
    limit = _number(raw, "limit", least=-1)
    offset = _number(raw, "offset", least=0) or 0
    page = _number(raw, "page", least=0) if raw.get("page") else None
    if limit is None:
        limit = DEFAULT_LIMIT
    if page is not None and limit != -1:
        offset = min(max(page - 1, 0) * limit, _LARGEST)
    return Query(
        fields=_fields(collection, raw.get("fields")),
        where=compile_filter(collection, raw.get("filter")),
        order_by=_order(collection, raw.get("sort")),
        limit=limit,
        offset=offset,
        meta=_meta(raw.get("meta")),
    )


def _number(raw: Mapping[str, Any], name: str, *, least: int) -> int | None:
    """Read a number as JavaScript's ``Number`` would: ``"2"``, ``2.0`` and ``true`` are numbers, "" is 0."""
    value = raw.get(name)
    if value is None:
        return None
    try:
        number = float(value or 0) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise invalid_query(f'"{name}" must be a number')
    if number != int(number) or number > _LARGEST:
        raise invalid_query(f'"{name}" must be an integer')
    if number < least:
        raise invalid_query(f'"{name}" must be greater than or equal to {least}')
    return int(number)


def _names(raw: Any, parameter: str) -> list[str]:
    names = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise invalid_query(f'"{parameter}" must be a string or array')
    return [name.strip() for name in names]


def _fields(collection: Collection, raw: Any) -> tuple[str, ...]:
    if not raw:
        return tuple(collection.fields)
    wanted: dict[str, None] = {}
    for number, name in enumerate(part for item in _names(raw, "fields") for part in item.split(",")):
        if name == "":
            raise invalid_query(f'"fields[{number}]" is not allowed to be empty')
        if name == "*":
            wanted.update(dict.fromkeys(collection.fields))
        elif name in collection.fields:
            wanted[name] = None
        else:
            raise no_such_field(name, collection.name)
    return tuple(wanted)


def _order(collection: Collection, raw: Any) -> str:
    terms = []
    for number, name in enumerate(_names(raw, "sort") if raw else []):
        if name == "":
            raise invalid_query(f'"sort[{number}]" is not allowed to be empty')
        field = name.removeprefix("-")
        if field not in collection.fields:
            raise no_such_field(field, collection.name)
        terms.append(f"{quoted(field)} DESC" if name.startswith("-") else quoted(field))
    return ", ".join(terms) or quoted("id")


def _meta(raw: Any) -> tuple[str, ...] | None:
    if raw is None or raw == "":
        return None
    if raw == "*":
        return _METAS
    names = _names(raw, "meta")
    for number, name in enumerate(names):
        if name not in _METAS:
            raise invalid_query(f'"meta[{number}]" must be one of [total_count, filter_count]')
    return tuple(names)
