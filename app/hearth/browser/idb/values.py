"""What stored values are in Python: values of its own, or handles that are passed on unopened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from hearth.browser.idb.native import Platform

V = TypeVar("V")
M = TypeVar("M")


class Values(Protocol[V, M]):
    """How one value (`V`) and many (`M`) cross the border."""

    def one(self, native: Any) -> V:
        """A stored value; None where there is none."""

    def many(self, native: Any) -> M:
        """An array of stored values."""

    def native(self, value: V) -> Any:
        """A value to be stored."""

    def array(self, values: M) -> Any:
        """Values to be stored."""


@dataclass(frozen=True, slots=True)
class PlainValues:
    """Python's own: dicts, lists, texts, numbers, bytes, datetimes, None."""

    platform: Platform

    def one(self, native: Any) -> Any:
        """A stored value."""
        return self.platform.value_to_python(native)

    def many(self, native: Any) -> list[Any]:
        """An array of stored values."""
        return list(self.platform.value_to_python(native))

    def native(self, value: Any) -> Any:
        """A value to be stored."""
        return self.platform.value_to_native(value)

    def array(self, values: Sequence[Any]) -> Any:
        """Values to be stored."""
        return self.platform.value_to_native(list(values))


class _AsIs:
    def one(self, native: Any) -> Any:
        return native

    def many(self, native: Any) -> Any:
        return native

    def native(self, value: Any) -> Any:
        return value

    def array(self, values: Any) -> Any:
        return values


def plain(platform: Platform) -> PlainValues:
    """Values as Python's own."""
    return PlainValues(platform)


AS_IS: Values[Any, Any] = _AsIs()
"""The browser's own objects and arrays: bulk data that Python only passes on costs no conversion."""
