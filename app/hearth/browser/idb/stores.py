"""Object stores and indexes: every call makes its request at once, and returns it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hearth.browser.idb.cursors import Cursor, KeyCursor
from hearth.browser.idb.keys import Key, KeyRange, Query
from hearth.browser.idb.native import NativeIndex, NativeSource, NativeStore, Platform
from hearth.browser.idb.requests import Request, Requester
from hearth.browser.idb.values import Values

V = TypeVar("V")
M = TypeVar("M")
S = TypeVar("S", bound=NativeSource)

KeyPath = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Taken(Generic[M]):
    """Values whose keys were taken: their positions among those given, and what is stored under their keys."""

    positions: list[int]
    stored: M


class Source(Generic[V, M, S]):
    """What an object store and an index have in common: reading."""

    def __init__(self, transaction: Requester, native: S, values: Values[V, M]) -> None:
        self._transaction = transaction
        self._native: S = native
        self._values = values

    @property
    def _platform(self) -> Platform:
        return self._transaction.platform

    def get(self, query: Key | KeyRange) -> Request[V | None]:
        """The value under a key, or the first of a range; None where there is none."""
        return self._transaction.request(self._native.get, self._query(query), convert=self._values.one)

    def get_key(self, query: Key | KeyRange) -> Request[Key | None]:
        """The primary key of the value under a key, or of the first of a range."""
        return self._transaction.request(self._native.getKey, self._query(query), convert=self._key)

    def get_all(self, query: Query = None, count: int | None = None) -> Request[M]:
        """The values of a range in the order of their keys, `count` at most."""
        return self._transaction.request(self._native.getAll, self._query(query), count, convert=self._values.many)

    def get_all_keys(self, query: Query = None, count: int | None = None) -> Request[list[Key]]:
        """The primary keys of a range, `count` at most."""
        return self._transaction.request(self._native.getAllKeys, self._query(query), count, convert=self._keys)

    def get_last(self, query: Query, count: int) -> Request[M]:
        """The last `count` values of a range, in the order of their keys."""
        keys, kernel = self._query(query), self._platform.kernel
        last = self._transaction.request(kernel.getLast, self._native, keys, count, convert=self._reversed)
        if last.native is not None:
            return last
        every_key: Request[Any] = self._transaction.request(self._native.getAllKeys, keys)
        return every_key.then(lambda found: self._from_key_on(found, count))

    def _from_key_on(self, keys: Any, count: int) -> Request[M]:
        if len(keys) == 0:
            return self._transaction.settled(self._values.many(keys))
        bounds = self._platform.bounds(keys[max(0, len(keys) - count)], keys[len(keys) - 1])
        return self._transaction.request(self._native.getAll, bounds, convert=self._values.many)

    def get_many(self, keys: Sequence[Key]) -> Request[M]:
        """The values under some keys, in their order, None where there is none; one crossing for all."""
        if not keys:
            return self._transaction.settled(self._values.many(self._platform.array([])))
        native = self._platform.key_to_native(keys)
        return self._transaction.bulk_request(
            self._platform.kernel.getMany, self._native, native, convert=self._values.many
        )

    def count(self, query: Query = None) -> Request[int]:
        """How many values a range has."""
        return self._transaction.request(self._native.count, self._query(query), convert=int)

    def count_many(self, queries: Sequence[Key | KeyRange]) -> Request[list[int]]:
        """How many values each of some ranges has; one crossing for all."""
        if not queries:
            return self._transaction.settled([])
        native = self._platform.array([self._query(each) for each in queries])
        return self._transaction.bulk_request(self._platform.kernel.countMany, self._native, native, convert=list)

    def cursor(self, query: Query = None, *, reverse: bool = False, unique: bool = False) -> Cursor[V]:
        """Go through a range: `async for at in store.cursor(...)`; `unique` takes the first value of each key."""
        return Cursor(self._transaction, self._native.openCursor, self._query(query), reverse, unique, self._values)

    def key_cursor(self, query: Query = None, *, reverse: bool = False, unique: bool = False) -> KeyCursor:
        """Go through the keys of a range, without reading the values."""
        return KeyCursor(self._transaction, self._native.openKeyCursor, self._query(query), reverse, unique)

    def _query(self, query: Query) -> Any:
        if query is None:
            return None
        try:
            if isinstance(query, KeyRange):
                return self._platform.range_to_native(query)
            return self._platform.key_to_native(query)
        except self._platform.error_type as error:
            raise self._transaction.error_of(error) from None

    def _key(self, native: Any) -> Key | None:
        return None if native is None else self._platform.key_to_python(native)

    def _keys(self, native: Any) -> list[Key]:
        return self._platform.keys_to_python(native)

    def _reversed(self, native: Any) -> M:
        return self._values.many(self._platform.kernel.reverse(native))


class Index(Source[V, M, NativeIndex]):
    """An index: its keys are what its key path finds in the values."""


class Store(Source[V, M, NativeStore]):
    """An object store. Of a store without key path a value is put under a key that is given, or generated."""

    def index(self, name: str) -> Index[V, M]:
        """An index. Raises `NotFound`."""
        return Index(self._transaction, self._call(self._native.index, name), self._values)

    def put(self, value: V, key: Key | None = None) -> Request[Key]:
        """Store a value in the place of the one under its key, if there is any; its key."""
        return self._transaction.request(self._native.put, *self._value_and_key(value, key), convert=self._stored_key)

    def add(self, value: V, key: Key | None = None) -> Request[Key]:
        """Store a value under a key that is free; its key. Fails with `ConstraintFailed` where it is taken."""
        return self._transaction.request(self._native.add, *self._value_and_key(value, key), convert=self._stored_key)

    def delete(self, query: Key | KeyRange) -> Request[None]:
        """Delete the value under a key, or all of a range; nothing happens where there is none."""
        return self._transaction.request(self._native.delete, self._query(query), convert=_nothing)

    def clear(self) -> Request[None]:
        """Delete everything."""
        return self._transaction.request(self._native.clear, convert=_nothing)

    def put_all(self, values: M, keys: Sequence[Key] | None = None) -> Request[None]:
        """Put many values; one crossing for all. An array of the browser's is passed on as it is."""
        return self._put_native(self._values.array(values), keys)

    def put_some(self, values: M, positions: Sequence[int]) -> Request[None]:
        """Put the values at some positions."""
        return self._put_native(self._platform.pick(self._values.array(values), positions), None)

    def _put_native(self, native: Any, keys: Sequence[Key] | None) -> Request[None]:
        if len(native) == 0:
            return self._transaction.settled(None)
        given = None if keys is None else self._platform.key_to_native(list(keys))
        return self._transaction.request(self._platform.kernel.putAll, self._native, native, given, convert=_nothing)

    def get_stored(self, values: M) -> Request[M]:
        """What is stored under the keys of some values, None where nothing is; of a store with a key path."""
        native = self._values.array(values)
        if len(native) == 0:
            return self._transaction.settled(self._values.many(native))
        return self._transaction.bulk_request(
            self._platform.kernel.getStored, self._native, native, convert=self._values.many
        )

    def add_all(self, values: M) -> Request[Taken[M]]:
        """Add every value whose key is free, and say of which it is taken, and by what; of a store with a key path."""
        native = self._values.array(values)
        if len(native) == 0:
            return self._transaction.settled(Taken([], self._values.many(native)))
        return self._transaction.bulk_request(
            self._platform.kernel.addAll, self._native, native, convert=lambda told: self._taken(*told)
        )

    def delete_all(self, queries: Sequence[Key | KeyRange]) -> Request[None]:
        """Delete the values under some keys, or of some ranges."""
        if not queries:
            return self._transaction.settled(None)
        native = self._platform.array([self._query(each) for each in queries])
        return self._transaction.request(self._platform.kernel.deleteAll, self._native, native, convert=_nothing)

    def create_index(
        self, name: str, key_path: KeyPath, *, unique: bool = False, multi_entry: bool = False
    ) -> Index[V, M]:
        """Make an index, in an upgrade only; `multi_entry` indexes each element of an array."""
        options = self._platform.options(unique=unique, multiEntry=multi_entry)
        path = self._platform.key_to_native(key_path)
        return Index(self._transaction, self._call(self._native.createIndex, name, path, options), self._values)

    def delete_index(self, name: str) -> None:
        """Delete an index, in an upgrade only."""
        self._call(self._native.deleteIndex, name)

    @property
    def index_names(self) -> list[str]:
        """The names of its indexes."""
        return [str(name) for name in self._native.indexNames]

    def _taken(self, positions: Any, stored: Any) -> Taken[M]:
        return Taken([int(each) for each in positions], self._values.many(stored))

    def _stored_key(self, native: Any) -> Key:
        return self._platform.key_to_python(native)

    def _value_and_key(self, value: V, key: Key | None) -> tuple[Any, ...]:
        native = self._values.native(value)
        return (native,) if key is None else (native, self._query(key))

    def _call(self, method: Any, *args: Any) -> Any:
        try:
            return method(*args)
        except self._platform.error_type as error:
            raise self._transaction.error_of(error) from None


def _nothing(_native: Any) -> None:
    return None
