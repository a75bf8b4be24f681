"""What is stored: object stores with their indexes, as tables in the order of their keys."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from hearth.testing.indexeddb.keys import DomError, Order, Range, clone, key_at, order_of

KeyPath = str | Sequence[str] | None


class Entry(NamedTuple):
    """A record as a store or an index has it; an index's `key` is another than the primary one."""

    order: Order
    primary_order: Order
    key: Any
    primary_key: Any
    value: Any


@dataclass(frozen=True, slots=True)
class IndexShape:
    """An index."""

    key_path: str | Sequence[str]
    unique: bool
    multi_entry: bool

    def keys_of(self, value: Any) -> list[tuple[Order, Any]]:
        """The keys under which it has a value: none, when there is no key at its path."""
        found = key_at(value, self.key_path)
        several = self.multi_entry and isinstance(found, list)
        keys: dict[Order, Any] = {}
        for each in found if several else [found]:
            try:
                keys[order_of(each)] = each
            except DomError:
                continue  # What is no key is not indexed.
        return sorted(keys.items())


@dataclass(slots=True)
class Table:
    """An object store."""

    key_path: KeyPath = None
    auto_increment: bool = False
    next_key: int = 1
    indexes: dict[str, IndexShape] = field(default_factory=dict)
    records: dict[Order, tuple[Any, Any]] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)

    def copy(self) -> Table:
        """A copy to go back to: what is stored is replaced, never changed."""
        return replace(self, indexes=dict(self.indexes), records=dict(self.records), orders=list(self.orders))

    def key_for(self, value: Any, key: Any) -> Any:
        """The key of a value that is to be stored: given, found at the key path, or generated later (None)."""
        if self.key_path is not None:
            if key is not None:
                raise DomError("DataError", "The object store uses in-line keys and the key parameter was provided.")
            key = key_at(value, self.key_path)
        if key is None and not self.auto_increment:
            raise DomError("DataError", "The object store has no key generator and no key was found.")
        if key is not None:
            order_of(key)
        return key

    def store(self, value: Any, key: Any, overwrite: bool) -> Any:
        """Store a value; its key. Raises `DomError` when it is taken."""
        value = clone(value)
        if key is None:
            key = self.next_key
            if isinstance(self.key_path, str):
                value[self.key_path] = key
        order = order_of(key)
        if not overwrite and order in self.records:
            raise DomError("ConstraintError", "Key already exists in the object store.")
        for shape in self.indexes.values():
            if shape.unique:
                self._check_unique(shape, value, order)
        if self.auto_increment and isinstance(key, (int, float)) and key >= self.next_key:
            self.next_key = int(key) + 1
        if order not in self.records:
            insort(self.orders, order)
        self.records[order] = (clone(key), value)
        return key

    def _check_unique(self, shape: IndexShape, value: Any, order: Order) -> None:
        wanted = {each for each, _ in shape.keys_of(value)}
        for other, (_, stored) in self.records.items():
            if other != order and wanted & {each for each, _ in shape.keys_of(stored)}:
                raise DomError("ConstraintError", "An index that is unique has this key already.")

    def remove(self, keys: Range) -> None:
        """Remove what is in a range."""
        for order in list(self._in(keys)):
            del self.records[order]
            del self.orders[bisect_left(self.orders, order)]

    def _in(self, keys: Range) -> Iterator[Order]:
        start = 0 if keys.lower is None else bisect_left(self.orders, keys.lower)
        for order in self.orders[start:]:
            if keys.upper is not None and order > keys.upper:
                return
            if keys.has(order):
                yield order

    def entries(self, keys: Range, index: str | None = None) -> list[Entry]:
        """What is in a range of the primary keys, or of an index's."""
        if index is None:
            return [Entry(order, order, *self._named(order)) for order in self._in(keys)]
        shape = self.indexes[index]
        found = [
            Entry(order, primary, key, primary_key, value)
            for primary, (primary_key, value) in self.records.items()
            for order, key in shape.keys_of(value)
            if keys.has(order)
        ]
        return sorted(found, key=lambda entry: entry[:2])

    def _named(self, order: Order) -> tuple[Any, Any, Any]:
        key, value = self.records[order]
        return key, key, value


@dataclass(slots=True)
class Schema:
    """A database: its version and its tables."""

    version: int = 0
    tables: dict[str, Table] = field(default_factory=dict)

    def copy(self) -> Schema:
        """A copy to go back to."""
        return Schema(self.version, {name: table.copy() for name, table in self.tables.items()})
