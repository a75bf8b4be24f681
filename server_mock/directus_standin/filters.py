"""A Directus filter to an SQL condition: identifiers only from the schema, every value bound."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from server_mock.directus.schema import FieldType, is_uuid
from server_mock.directus_standin.collection import Collection, SqlValue, fits, quoted, storable
from server_mock.directus_standin.errors import invalid_query, no_such_field

#: JavaScript's largest safe integer: Directus refuses numbers above it in a filter.
_MAX_SAFE = 2**53 - 1
#: SQLite refuses expressions deeper than 1,000; no query of Hearth's comes near.
_MAX_CONDITIONS = 500
_MAX_DEPTH = 20

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_WORDS = {"true": True, "false": False, "null": None, "NULL": None}

_EQUALITY = frozenset({"_eq", "_neq", "_null", "_nnull"})
_LISTS = frozenset({"_in", "_nin"})
_ORDER = frozenset({"_lt", "_lte", "_gt", "_gte", "_between", "_nbetween"})
_EMPTINESS = frozenset({"_empty", "_nempty"})
_OPERATORS = MappingProxyType(
    {
        FieldType.STRING: _EQUALITY | _LISTS | _EMPTINESS,
        FieldType.TEXT: _EQUALITY | _LISTS | _EMPTINESS,
        FieldType.UUID: _EQUALITY | _LISTS,
        FieldType.INTEGER: _EQUALITY | _LISTS | _ORDER,
        FieldType.BIG_INTEGER: _EQUALITY | _LISTS | _ORDER,
        FieldType.BOOLEAN: _EQUALITY,
        FieldType.JSON: frozenset({"_null", "_nnull"}),
    }
)
_NUMERIC = (FieldType.INTEGER, FieldType.BIG_INTEGER)
_COMPARISONS = {"_eq": "=", "_neq": "<>", "_lt": "<", "_lte": "<=", "_gt": ">", "_gte": ">="}


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL condition (empty when everything matches) and the values that it binds."""

    sql: str = ""
    values: tuple[SqlValue, ...] = ()


def both(first: Condition, second: Condition) -> Condition:
    """Return the condition that two hold at once."""
    return _joined("AND", [first, second])


@dataclass(slots=True)
class _Compiler:
    collection: Collection
    conditions: int = 0

    def group(self, node: object, depth: int = 0) -> Condition:
        """Compile an object of fields and logical operators; its members are joined by AND."""
        if not isinstance(node, dict):
            raise invalid_query("Invalid filter object")
        return _joined("AND", [self._member(key, value, depth) for key, value in node.items()])

    def _member(self, key: str, value: Any, depth: int) -> Condition:
        if key in ("_and", "_or"):
            return self._logical(key, value, depth, lambda part: self.group(part, depth + 1))
        if key.startswith("_"):
            raise invalid_query(f'Invalid filter key "{key}" on "{self.collection.name}"')
        if key not in self.collection.fields:
            raise no_such_field(key, self.collection.name)
        return self._field(key, value, depth)

    def _logical(self, key: str, parts: Any, depth: int, compile_part: Callable[[Any], Condition]) -> Condition:
        if not isinstance(parts, list):
            raise invalid_query("Invalid filter object")
        if depth > _MAX_DEPTH:
            raise invalid_query("The filter is nested too deep")
        return _joined("AND" if key == "_and" else "OR", [compile_part(part) for part in parts])

    def _field(self, name: str, tests: Any, depth: int) -> Condition:
        if tests is None:
            raise invalid_query("Invalid filter object")
        if isinstance(tests, list):
            raise no_such_field("0", self.collection.name)
        if not isinstance(tests, dict):
            return self._test(name, "_eq", tests)
        parts = []
        for operator, value in tests.items():
            if operator in ("_and", "_or"):
                parts.append(self._logical(operator, value, depth, lambda p: self._field(name, p, depth + 1)))
            elif operator.startswith("_"):
                parts.append(self._test(name, operator, value))
            else:
                raise no_such_field(operator, self.collection.name)
        return _joined("AND", parts)

    def _test(self, name: str, operator: str, value: Any) -> Condition:
        kind = self.collection.fields[name].type
        if operator not in _OPERATORS[kind]:
            raise invalid_query(f'"{kind}" field type does not contain the "{operator}" filter operator')
        self.conditions += 1
        if self.conditions > _MAX_CONDITIONS:
            raise invalid_query("The filter has too many conditions")
        return _tested(kind, quoted(name), operator, value)


def compile_filter(collection: Collection, raw: Any) -> Condition:
    """Return ``raw`` (an object, or JSON text of one) as SQL. Nothing, or an empty list, matches all rows.

    Raises ``DialectError``: 400 INVALID_QUERY for an operator that the field's type does not have or a
    value it cannot take, 403 FORBIDDEN for a field that does not exist.
    """
    if not raw:
        return Condition()
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raise invalid_query("Invalid JSON for filter object") from None
    if isinstance(raw, list):
        if raw:
            raise no_such_field("0", collection.name)
        return Condition()
    return _Compiler(collection).group(raw)


def _tested(kind: FieldType, column: str, operator: str, value: Any) -> Condition:
    """Return one operator's condition; ``column`` is SQL of the schema's."""
    match operator:
        case "_null" | "_nnull":
            is_null = _flag(operator, value) is (operator == "_null")
            return Condition(f"{column} IS {'' if is_null else 'NOT '}NULL")
        case "_empty" | "_nempty":
            is_empty = _flag(operator, value) is (operator == "_empty")
            return Condition(f"({column} IS NULL OR {column} = '')" if is_empty else f"{column} <> ''")
        case "_in" | "_nin":
            values = [_bound(kind, operator, v) for v in _listed(operator, value)]
            negation = "NOT " if operator == "_nin" else ""
            # One bound value however many ids are asked for: SQLite limits the number of bindings.
            sql = f"{column} {negation}IN (SELECT value FROM json_each(?))"  # noqa: S608
            return Condition(sql, (json.dumps(values),))
        case "_between" | "_nbetween":
            ends = tuple(_bound(kind, operator, v) for v in _listed(operator, value))
            if len(ends) != 2:
                raise invalid_query(f'"{operator}" has to be an array of two values')
            return Condition(f"{column} {'NOT ' if operator == '_nbetween' else ''}BETWEEN ? AND ?", ends)
    bound = _bound(kind, operator, value)
    if bound is None:
        return Condition(f"{column} IS {'NOT ' if operator == '_neq' else ''}NULL")
    return Condition(f"{column} {_COMPARISONS[operator]} ?", (bound,))


def _joined(word: str, parts: Sequence[Condition]) -> Condition:
    """Join by AND or OR. A part without SQL matches everything, and so then does an OR with such a part."""
    telling = [part for part in parts if part.sql]
    if not telling or (word == "OR" and len(telling) < len(parts)):
        return Condition()
    if len(telling) == 1:
        return telling[0]
    sql = f" {word} ".join(part.sql for part in telling)
    return Condition(f"({sql})", tuple(value for part in telling for value in part.values))


def _flag(operator: str, value: Any) -> bool:
    value = _word(value)
    if value is None or value == "":
        return True
    if not isinstance(value, bool):
        raise invalid_query(f'"{operator}" has to be a boolean')
    return value


def _listed(operator: str, value: Any) -> list[Any]:
    """Read a list: a JSON array, ``[]=`` parameters, or comma-separated text."""
    values = value.split(",") if isinstance(value, str) else value
    if isinstance(values, dict):
        values = list(values.values())
    if not isinstance(values, list):
        values = [values]
    if not values:
        raise invalid_query(f'"{operator}" has to be an array of values')
    return values


def _word(value: Any) -> Any:
    return _WORDS.get(value, value) if isinstance(value, str) else value


def _bound(kind: FieldType, operator: str, raw: Any) -> SqlValue:
    """Return a filter's value as SQLite compares it with a column of ``kind``; null stays null."""
    value = _word(raw)
    if not isinstance(value, str | int | float | bool | None):
        raise invalid_query(f'The filter value for "{operator}" has to be a string, number, or boolean')
    if isinstance(value, int | float) and (not math.isfinite(value) or value > _MAX_SAFE):
        raise invalid_query(f'The filter value for "{operator}" is not a valid number')
    if value is None:
        # Directus takes null for 0 where it needs a number: nobody who writes null means that.
        if kind in _NUMERIC and operator not in ("_eq", "_neq"):
            raise invalid_query("Invalid numeric value")
        return None
    if value == "" and operator not in _LISTS:
        raise invalid_query(f'You can\'t filter for an empty string in "{operator}". Use "_empty" or "_nempty" instead')
    if kind in _NUMERIC:
        return _number(kind, value)
    if kind is FieldType.BOOLEAN:
        if value not in (0, 1):
            raise invalid_query(f'The filter value for "{operator}" has to be a boolean')
        return int(value)
    text = value if isinstance(value, str) else json.dumps(value)
    if not storable(text):
        raise invalid_query(f'The filter value for "{operator}" is not valid Unicode')
    if kind is FieldType.UUID and text and not is_uuid(text):
        # PostgreSQL fails with a 500; SQLite finds nothing.
        raise invalid_query(f'The filter value for "{operator}" is not a UUID in lower case')
    return text


def _number(kind: FieldType, value: str | float) -> float:
    if isinstance(value, str):
        # The empty text is 0, as JavaScript's Number("") is.
        if value and not _NUMBER.fullmatch(value):
            raise invalid_query("Invalid numeric value")
        value = float(value or 0)
    if not fits(kind, value):
        raise invalid_query(f'"{value}" is not a value that the field could have')
    return int(value)
