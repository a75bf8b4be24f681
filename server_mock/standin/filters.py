"""A Directus filter to an SQL condition: identifiers only from the schema, every value bound."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from server_mock.schema import FieldType
from server_mock.standin.collection import Collection, SqlValue, quoted, storable
from server_mock.standin.errors import invalid_query, no_such_field

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
_COMPARISONS = {"_eq": "=", "_neq": "<>", "_lt": "<", "_lte": "<=", "_gt": ">", "_gte": ">="}


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL condition (empty when everything matches) and the values that it binds."""

    sql: str = ""
    values: tuple[SqlValue, ...] = ()


@dataclass(slots=True)
class _Compiler:
    collection: Collection
    values: list[SqlValue] = field(default_factory=list)
    conditions: int = 0

    def group(self, node: object, depth: int = 0) -> str:
        """Compile an object of fields and logical operators; its members are joined by AND."""
        if not isinstance(node, dict):
            raise invalid_query("Invalid filter object")
        return _joined("AND", [self._member(key, value, depth) for key, value in node.items()])

    def _member(self, key: str, value: Any, depth: int) -> str:
        if key in ("_and", "_or"):
            return self._logical(key, value, depth, lambda part: self.group(part, depth + 1))
        if key.startswith("_"):
            raise invalid_query(f'Invalid filter key "{key}" on "{self.collection.name}"')
        if key not in self.collection.fields:
            raise no_such_field(key, self.collection.name)
        return self._field(key, value, depth)

    def _logical(self, key: str, parts: Any, depth: int, compile_part: Callable[[Any], str]) -> str:
        if not isinstance(parts, list):
            raise invalid_query("Invalid filter object")
        if depth > _MAX_DEPTH:
            raise invalid_query("The filter is nested too deep")
        return _joined("AND" if key == "_and" else "OR", [compile_part(part) for part in parts])

    def _field(self, name: str, tests: Any, depth: int) -> str:
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

    def _test(self, name: str, operator: str, value: Any) -> str:
        kind = self.collection.fields[name].type
        if operator not in _OPERATORS[kind]:
            raise invalid_query(f'"{kind}" field type does not contain the "{operator}" filter operator')
        self.conditions += 1
        if self.conditions > _MAX_CONDITIONS:
            raise invalid_query("The filter has too many conditions")
        column = quoted(name)
        match operator:
            case "_null" | "_nnull":
                is_null = _flag(operator, value) is (operator == "_null")
                return f"{column} IS {'' if is_null else 'NOT '}NULL"
            case "_empty" | "_nempty":
                is_empty = _flag(operator, value) is (operator == "_empty")
                return f"({column} IS NULL OR {column} = '')" if is_empty else f"{column} <> ''"
            case "_in" | "_nin":
                # One bound value however many ids are asked for: SQLite limits the number of bindings.
                self.values.append(json.dumps([_bound(kind, operator, v) for v in _listed(operator, value)]))
                negation = "NOT " if operator == "_nin" else ""
                return f"{column} {negation}IN (SELECT value FROM json_each(?))"  # noqa: S608 - column is of the schema
            case "_between" | "_nbetween":
                ends = [_bound(kind, operator, v) for v in _listed(operator, value)]
                if len(ends) != 2:
                    raise invalid_query(f'"{operator}" has to be an array of two values')
                self.values.extend(ends)
                return f"{column} {'NOT ' if operator == '_nbetween' else ''}BETWEEN ? AND ?"
        bound = _bound(kind, operator, value)
        if bound is None:
            if operator not in ("_eq", "_neq"):
                raise invalid_query("Invalid numeric value")
            return f"{column} IS {'NOT ' if operator == '_neq' else ''}NULL"
        self.values.append(bound)
        return f"{column} {_COMPARISONS[operator]} ?"


def compile_filter(collection: Collection, raw: Any) -> Condition:
    """Return ``raw`` (an object, or JSON text of one) as SQL. Nothing, or an empty list, matches all rows.

    Raises ``DialectError``: 400 INVALID_QUERY for an operator that the field's type does not have or a
    value it cannot take, 403 FORBIDDEN for a field that does not exist.
    """
    if isinstance(raw, str) and raw:
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raise invalid_query("Invalid JSON for filter object") from None
    if not raw:
        return Condition()
    compiler = _Compiler(collection)
    sql = compiler.group(raw)
    return Condition(sql, tuple(compiler.values))


def _joined(word: str, parts: list[str]) -> str:
    parts = [part for part in parts if part]
    return f"({f' {word} '.join(parts)})" if len(parts) > 1 else "".join(parts)


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
        return None
    if value == "" and operator not in _LISTS:
        raise invalid_query(f'You can\'t filter for an empty string in "{operator}". Use "_empty" instead')
    if kind in (FieldType.INTEGER, FieldType.BIG_INTEGER):
        return _number(value)
    if kind is FieldType.BOOLEAN:
        if value not in (0, 1):
            raise invalid_query(f'The filter value for "{operator}" has to be a boolean')
        return int(value)
    text = value if isinstance(value, str) else json.dumps(value)
    if not storable(text):
        raise invalid_query(f'The filter value for "{operator}" is not valid Unicode')
    return text


def _number(value: str | int | float | bool) -> int | float:
    if isinstance(value, str):
        if value == "":
            return 0  # as JavaScript's Number("") is
        if not _NUMBER.fullmatch(value):
            raise invalid_query("Invalid numeric value")
        return float(value) if "." in value else int(value)
    if value < -(2**63):
        raise invalid_query("Invalid numeric value")
    return value
