"""Requests: what a transaction's function awaits, or hands a callback to."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from hearth.browser.idb.dispatcher import Handler
from hearth.browser.idb.errors import ForeignAwait, IdbError
from hearth.browser.idb.native import NativeRequest, Platform

T = TypeVar("T")
U = TypeVar("U")

Waiter = Callable[[], bool]
"""Called when a request is settled, within its event; for a failed one, whether that was dealt with."""


class RequestOwner(Protocol):
    """What a request asks of its transaction."""

    platform: Platform
    running: bool
    """Whether the transaction's function is being stepped at this moment."""

    def listen(self, native: NativeRequest, handler: Handler) -> None:
        """Have a handler called with the event of a request."""

    def fail(self, error: BaseException) -> bool:
        """Roll back because of an error. Answers False: nobody has dealt with it."""

    def error_of(self, native: Any) -> IdbError:
        """A native error as one of the tree."""


class Request(Generic[T]):
    """One request of a transaction, made when it was asked for, whether anybody awaits it or not.

    To await it inside the transaction's function gives its result, or raises what went wrong; the transaction stays
    alive meanwhile. A failure that nobody catches rolls the transaction back.
    """

    __slots__ = ("_convert", "_error", "_result", "_settled", "_waiters", "native", "transaction")

    def __init__(
        self, transaction: RequestOwner, native: NativeRequest | None, convert: Callable[[Any], T] | None = None
    ) -> None:
        self.transaction = transaction
        self.native = native
        """What to listen to once somebody waits; None where `settle` is called anyway."""
        self._convert = convert
        self._settled = False
        self._result: T | None = None
        self._error: BaseException | None = None
        self._waiters: list[Waiter] | None = None

    def __await__(self) -> Generator[Request[T], None, T]:
        if not self.settled:
            if not self.transaction.running:
                raise ForeignAwait("A request can only be awaited in the function of its own transaction.")
            yield self
        return self.result()

    @property
    def settled(self) -> bool:
        """Whether its result, or its failure, is there."""
        if not self._settled and self.native is not None and self.native.readyState == "done":
            self._take(*self.transaction.platform.kernel.outcome(self.native))
        return self._settled

    def result(self) -> T:
        """The result of a settled request. Raises what went wrong."""
        if self._error is not None:
            raise self._error
        return cast(T, self._result)

    @overload
    def then(self, callback: Callable[[T], Request[U]]) -> Request[U]: ...
    @overload
    def then(self, callback: Callable[[T], U]) -> Request[U]: ...
    def then(self, callback: Callable[[T], Any]) -> Request[Any]:
        """Call back within the request's own event, where further requests may be made.

        Returns a request for what the callback returns, or for the result of the request that it returns.
        """
        following: Request[Any] = Request(self.transaction, None)

        def go_on() -> bool:
            try:
                outcome = callback(self.result())
            except Exception as error:  # noqa: BLE001 - it is raised where the transaction is awaited
                return following.settle_with(error=error) or self.transaction.fail(error)
            if not isinstance(outcome, Request):
                return following.settle_with(result=outcome)
            outcome.wait(lambda: following.follow(outcome))
            return True

        self.wait(go_on)
        return following

    def wait(self, waiter: Waiter) -> None:
        """Call a waiter when the request is settled, or at once when it is."""
        if self.settled:
            waiter()
            return
        if self._waiters is None:
            self._waiters = []
            if self.native is not None:
                self.transaction.listen(self.native, self.settle)
        self._waiters.append(waiter)

    def settle(self, kind: str, value: Any) -> bool:
        """The request's event has come: take the result, call who waits. Answers whether a failure was dealt with."""
        if not self._settled:
            self._take(kind, value)
        return self._call_waiters()

    def settle_with(self, result: T | None = None, error: BaseException | None = None) -> bool:
        """Settle a request that has no event of its own."""
        self._result, self._error, self._settled = result, error, True
        return self._call_waiters()

    def follow(self, other: Request[T]) -> bool:
        """Settle it as another one is."""
        return self.settle_with(other._result, other._error)

    def _call_waiters(self) -> bool:
        waiters, self._waiters = self._waiters or [], None
        dealt_with = [waiter() for waiter in waiters]
        return any(dealt_with)

    def _take(self, kind: str, value: Any) -> None:
        self._settled = True
        if kind == "error":
            self._error = self.transaction.error_of(value)
            return
        try:
            self._result = self._convert(value) if self._convert else value
        except Exception as error:  # noqa: BLE001 - it is raised where the request is awaited
            self._error = error


class Requester(RequestOwner, Protocol):
    """What object stores and cursors ask of the transaction that they belong to."""

    def request(
        self, method: Callable[..., NativeRequest | None], *args: Any, convert: Callable[[Any], T] | None = None
    ) -> Request[T]:
        """Make a request. Raises `IdbError` when the browser refuses it at once."""

    def bulk_request(
        self, method: Callable[..., None], *args: Any, convert: Callable[[Any], T] | None = None
    ) -> Request[T]:
        """Make many requests through the kernel, which tells their answers together."""

    def settled(self, result: T) -> Request[T]:
        """A request for which nothing has to be asked."""
