"""The order of keys, key ranges, and what may be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any

Order = tuple[Any, ...]
"""A key as a tuple that sorts as the standard says."""


class DomError(Exception):
    """What the browser throws, and what `error` of a request holds: a name and a message."""

    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(message)
        self.name = name
        self.message = message


def order_of(key: Any) -> Order:
    """The key's place in the order. Raises `DomError` for what is no key."""
    match key:
        case bool():
            pass
        case int() | float():
            if not isnan(key):
                return (1, key)
        case datetime():
            return (2, key.timestamp())
        case str():
            return (3, key.encode("utf-16-be", "surrogatepass"))
        case bytes():
            return (4, key)
        case list() | tuple():
            return (5, tuple(order_of(each) for each in key))
        case _:
            pass
    raise DomError("DataError", "The parameter is not a valid key.")


@dataclass(frozen=True, slots=True)
class Range:
    """An `IDBKeyRange`."""

    lower: Order | None
    upper: Order | None
    lower_open: bool = False
    upper_open: bool = False

    def __post_init__(self) -> None:
        if self.lower is None or self.upper is None:
            return
        if self.lower > self.upper or (self.lower == self.upper and (self.lower_open or self.upper_open)):
            raise DomError("DataError", "The lower key is greater than the upper key.")

    def has(self, key: Order) -> bool:
        """Whether a key is in it."""
        if self.lower is not None and (key < self.lower or (self.lower_open and key == self.lower)):
            return False
        return self.upper is None or key < self.upper or (not self.upper_open and key == self.upper)


ALL = Range(None, None)


def range_of(query: Any) -> Range:
    """A query as a range; None is all."""
    if query is None:
        return ALL
    if isinstance(query, Range):
        return query
    key = order_of(query)
    return Range(key, key)


def clone(value: Any) -> Any:
    """A copy of what can be stored. Raises `DomError` for anything else."""
    match value:
        case None | bool() | int() | float() | str() | bytes() | datetime():
            return value
        case dict() if all(isinstance(name, str) for name in value):
            return {name: clone(each) for name, each in value.items()}
        case list() | tuple():
            return [clone(each) for each in value]
        case _:
            raise DomError("DataCloneError", f"A {type(value).__name__} could not be cloned.")


def at(value: Any, path: str) -> Any:
    """What lies at a key path, or None."""
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return value


def key_at(value: Any, path: str | Sequence[str]) -> Any:
    """The key that a value has at its key path: an array where that is one; None where something is missing."""
    if isinstance(path, str):
        return at(value, path)
    keys = [at(value, each) for each in path]
    return None if None in keys else keys
