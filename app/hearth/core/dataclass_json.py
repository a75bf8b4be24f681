"""Dataclasses as JSON objects, and back: how a field is read follows from its annotation.

| annotation | JSON | bounds |
| --- | --- | --- |
| `str` | text | `Size`, always |
| `int` | an integer from 0 | 2**53 - 1, or `Most` |
| `bool` | true or false | |
| a `StrEnum` | one of its values | |
| `Sequence[T]`, `tuple[T, ...]` | an array, read as a tuple | `Size`, always |
| `Mapping[K, V]` | an object | `Size`, unless the keys are a `StrEnum` or the values `Any` |
| `X | None` | null, or what `X` is | |

Bounds are metadata: `Annotated[str, Size(64, least=1)]`. They are limits on what others may send, so a text or an array
without one cannot be declared: `reader_of` raises `TypeError`. What a type cannot say is said by a `Check`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

MAX_SAFE_INTEGER = 2**53 - 1
"""The greatest integer that JSON carries safely."""

_T = TypeVar("_T")
_Reader = Callable[[str, object], Any]


class BadField(ValueError):
    """A JSON value is not what a field may hold; the text is a sentence that names the field."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many characters a text, or how many members an array or an object may have."""

    most: int
    least: int = 0


@dataclass(frozen=True, slots=True)
class Most:
    """The greatest value of an integer."""

    value: int


@dataclass(frozen=True, slots=True)
class Check:
    """A condition: `problem` gets the value that was read, and says what is wrong with it or None."""

    problem: Callable[[Any], str | None]


class _Field(NamedTuple):
    read: _Reader
    required: bool


def read(kind: type[_T], values: Mapping[str, object], *, strict: bool = False) -> _T:
    """The dataclass of a JSON object's members; what it does not know is left out, or refused if `strict`.

    Raises `BadField`.
    """
    known = _fields_of(cast(Hashable, kind))
    if strict:
        for name in values.keys() - known.keys():
            raise BadField(f'The field "{name:.40}" is not known.')
    found: dict[str, Any] = {}
    for name, each in known.items():
        if name in values:
            found[name] = each.read(name, values[name])
        elif each.required:
            raise BadField(f'The field "{name}" is missing.')
    return kind(**found)


def write(value: Any) -> dict[str, Any]:
    """The members of a dataclass, for `json.dumps`."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


@cache
def _fields_of(kind: type[Any]) -> Mapping[str, _Field]:
    hints = get_type_hints(kind, include_extras=True)
    return {
        each.name: _Field(
            reader_of(hints[each.name]), required=each.default is MISSING and each.default_factory is MISSING
        )
        for each in fields(kind)
    }


def reader_of(annotation: Any) -> _Reader:
    """What reads a value of an annotation's type: it takes the field's name and the value, and raises `BadField`."""
    metadata: tuple[Any, ...] = ()
    if get_origin(annotation) is Annotated:
        annotation, *rest = get_args(annotation)
        metadata = tuple(rest)
    checks = [each for each in metadata if isinstance(each, Check)]
    bounds = [each for each in metadata if isinstance(each, Size | Most)]
    reader = _plain_reader(annotation, bounds[0] if bounds else None)
    return _checked(reader, checks) if checks else reader


def _plain_reader(annotation: Any, bound: Size | Most | None) -> _Reader:
    kind, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if kind in (Union, types.UnionType):
        return _optional(annotation, arguments)
    if kind is str and isinstance(bound, Size):
        return _text(bound)
    if kind is int and not isinstance(bound, Size):
        return _integer(bound.value if bound else MAX_SAFE_INTEGER)
    if kind is bool:
        return _truth
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _one_of(kind)
    if isinstance(kind, type) and issubclass(kind, Mapping) and len(arguments) == 2:
        return _object(arguments[0], arguments[1], bound)
    if isinstance(kind, type) and issubclass(kind, Sequence) and kind is not str and isinstance(bound, Size):
        return _array(arguments[0], bound)
    raise TypeError(f"A field of the type {annotation} cannot be read: it is unknown, or has no bound.")


def _checked(reader: _Reader, checks: Sequence[Check]) -> _Reader:
    def read_checked(name: str, value: object) -> Any:
        found = reader(name, value)
        for check in checks:
            if problem := check.problem(found):
                raise BadField(f'The field "{name}" is refused: {problem}.')
        return found

    return read_checked


def _optional(annotation: Any, arguments: tuple[Any, ...]) -> _Reader:
    others = [each for each in arguments if each is not type(None)]
    if len(others) != 1 or len(arguments) != 2:
        raise TypeError(f"A field of the type {annotation} cannot be read: only a union with None can.")
    reader = reader_of(others[0])
    return lambda name, value: None if value is None else reader(name, value)


def _text(size: Size) -> _Reader:
    def read_text(name: str, value: object) -> str:
        if not isinstance(value, str) or not size.least <= len(value) <= size.most:
            raise BadField(f'The field "{name}" must be text of {size.least} to {size.most} characters.')
        return value

    return read_text


def _integer(most: int) -> _Reader:
    sentence = "2**53 - 1" if most == MAX_SAFE_INTEGER else str(most)

    def read_integer(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise BadField(f'The field "{name}" must be an integer from 0 to {sentence}.')
        return value

    return read_integer


def _truth(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadField(f'The field "{name}" must be true or false.')
    return value


def _one_of(names: type[StrEnum]) -> _Reader:
    known = {each.value: each for each in names}

    def read_name(name: str, value: object) -> StrEnum:
        found = known.get(value) if isinstance(value, str) else None
        if found is None:
            raise BadField(f'The field "{name}" must be one of {", ".join(known)}.')
        return found

    return read_name


def _object(key: Any, value_kind: Any, bound: Size | Most | None) -> _Reader:
    if value_kind is Any:
        return _any_object
    enumerated = isinstance(key, type) and issubclass(key, StrEnum)
    if not isinstance(bound, Size) and not enumerated:
        raise TypeError("An object whose keys are not those of a StrEnum needs a bound.")
    size = bound if isinstance(bound, Size) else Size(len(cast("type[StrEnum]", key)))
    read_key, read_value = reader_of(key), reader_of(value_kind)

    def read_object(name: str, value: object) -> dict[Any, Any]:
        if not isinstance(value, Mapping) or not size.least <= len(value) <= size.most:
            raise BadField(f'The field "{name}" must be an object of at most {size.most} entries.')
        return {read_key(name, each): read_value(name, member) for each, member in value.items()}

    return read_object


def _any_object(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadField(f'The field "{name}" must be an object.')
    return value


def _array(member: Any, size: Size) -> _Reader:
    read_member = reader_of(member)

    def read_array(name: str, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not size.least <= len(value) <= size.most:
            raise BadField(f'The field "{name}" must be an array of {size.least} to {size.most} entries.')
        return tuple(read_member(name, each) for each in value)

    return read_array
