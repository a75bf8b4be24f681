"""Cursors: `async for` over a range, one value at a time, with the transaction kept alive between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from hearth.browser.idb.errors import error_of
from hearth.browser.idb.keys import Key
from hearth.browser.idb.native import NativeCursor, NativeRequest
from hearth.browser.idb.requests import Request, Requester
from hearth.browser.idb.values import Values

V = TypeVar("V")


class KeyCursor:
    """Stands at one key after the other. Inside the loop it says where, and how the next step goes."""

    def __init__(
        self, transaction: Requester, opens: Callable[..., NativeRequest], query: Any, reverse: bool, unique: bool
    ) -> None:
        self._transaction = transaction
        self._opens = opens
        self._query = query
        self._direction = ("prev" if reverse else "next") + ("unique" if unique else "")
        self._request: NativeRequest | None = None
        self._native: NativeCursor | None = None
        self._step: Callable[[NativeCursor], None] = self._go_on

    def __aiter__(self) -> KeyCursor:
        return self

    async def __anext__(self) -> KeyCursor:
        return await self._next()

    async def _next(self) -> KeyCursor:
        request = self._open() if self._request is None else self._again(self._request)
        self._native = await request
        if self._native is None:
            raise StopAsyncIteration
        return self

    def _open(self) -> Request[NativeCursor | None]:
        request: Request[NativeCursor | None] = self._transaction.request(self._opens, self._query, self._direction)
        self._request = request.native
        return request

    def _again(self, native: NativeRequest) -> Request[NativeCursor | None]:
        step, self._step = self._step, self._go_on
        try:
            step(self._at)
        except self._transaction.platform.error_type as error:
            raise error_of(error) from None
        return Request(self._transaction, native)  # A cursor's request is pending again after each step.

    def _go_on(self, native: NativeCursor) -> None:
        self._transaction.platform.kernel.continueCursor(native)

    @property
    def _at(self) -> NativeCursor:
        if self._native is None:
            raise LookupError("The cursor stands at no record.")
        return self._native

    @property
    def key(self) -> Key:
        """The key that it stands at: of an index, the index's."""
        return self._transaction.platform.key_to_python(self._at.key)

    @property
    def primary_key(self) -> Key:
        """The key under which the value is stored."""
        return self._transaction.platform.key_to_python(self._at.primaryKey)

    def skip_to(self, key: Key, primary_key: Key | None = None) -> None:
        """Let the next step go to this key, or to the first one after it (before it, in reverse)."""
        platform = self._transaction.platform
        native = platform.key_to_native(key)
        primary = None if primary_key is None else platform.key_to_native(primary_key)
        self._step = lambda at: platform.kernel.continueCursor(at, native, primary)

    def skip(self, count: int) -> None:
        """Let the next step go so many records on: 1 goes to the next one, as without this."""
        self._step = lambda at: at.advance(count)


class Cursor(KeyCursor, Generic[V]):
    """Stands at one value after the other, which can be replaced and deleted."""

    def __init__(
        self,
        transaction: Requester,
        opens: Callable[..., NativeRequest],
        query: Any,
        reverse: bool,
        unique: bool,
        values: Values[V, Any],
    ) -> None:
        super().__init__(transaction, opens, query, reverse, unique)
        self._values = values

    def __aiter__(self) -> Cursor[V]:
        return self

    async def __anext__(self) -> Cursor[V]:
        await self._next()
        return self

    @property
    def value(self) -> V:
        """The value that it stands at."""
        return self._values.one(self._at.value)

    def update(self, value: V) -> Request[Key]:
        """Put another value in its place, with the same primary key."""
        platform = self._transaction.platform
        return self._transaction.request(self._at.update, self._values.native(value), convert=platform.key_to_python)

    def delete(self) -> Request[None]:
        """Delete the value."""
        return self._transaction.request(self._at.delete, convert=lambda _native: None)
