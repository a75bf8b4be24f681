"""Transactions: a Python function that is driven by the events of its own requests.

IndexedDB ends a transaction as soon as the page gives way with no request under way. An `await` of the event loop's
gives way; so the function is not run by the event loop. It is stepped from within each request's event instead:

    browser                    Transaction                     the function
       |  success of a request      |                               |
       | -------------------------> |  send(result)                 |
       |                            | ----------------------------> |  makes further requests
       | <------------------------- | <---------------------------- |  awaits one of them
       |  complete, or abort        |                               |
       | -------------------------> |  the caller's `await` ends    |

An `await` of anything else inside it raises `ForeignAwait` there and rolls back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar, cast, overload

from hearth.browser.idb.dispatcher import Dispatcher, Handler
from hearth.browser.idb.errors import Aborted, ForeignAwait, IdbError, TimedOut, TransactionInactive, error_of
from hearth.browser.idb.native import NativeRequest, NativeTransaction, Platform
from hearth.browser.idb.outcome import Outcome
from hearth.browser.idb.requests import Request
from hearth.browser.idb.stores import Store
from hearth.browser.idb.values import Values, plain

T = TypeVar("T")
M = TypeVar("M")


class Transaction:
    """What a transaction's function is given: the object stores, and the way to give up."""

    def __init__(self, dispatcher: Dispatcher, native: NativeTransaction, writes: bool) -> None:
        self.platform: Platform = dispatcher.platform
        self.writes = writes
        self.running = False
        """Whether its function is being stepped at this moment."""
        self._dispatcher = dispatcher
        self._native = native
        self._listening: set[int] = set()
        self._failure: BaseException | None = None

    @overload
    def store(self, name: str) -> Store[Any, list[Any]]: ...
    @overload
    def store(self, name: str, values: Values[T, M]) -> Store[T, M]: ...
    def store(self, name: str, values: Any = None) -> Store[Any, Any]:
        """An object store of its scope, its values as Python's own, or as `values` says. Raises `NotFound`."""
        try:
            native = self._native.objectStore(name)
        except self.platform.error_type as error:
            raise error_of(error, TransactionInactive) from None
        return Store(self, native, values or plain(self.platform))

    def abort(self, reason: BaseException | None = None) -> None:
        """Roll back. Whoever awaits the transaction gets the reason, or `Aborted`."""
        self.fail(reason or Aborted("The transaction was given up.", "AbortError"))

    def fail(self, error: BaseException) -> bool:
        """Roll back because of an error; the first one counts. Answers False: nobody has dealt with it."""
        if self._failure is None:
            self._failure = error
        try:
            self._native.abort()
        except self.platform.error_type:
            self.ended("abort", None)  # It had ended already.
        else:
            if not self.writes and not self.running:
                self.ended("abort", self._native.error or None)  # There is nothing to wait for.
        return False

    def error_of(self, native: Any) -> IdbError:
        """A native error as one of the tree."""
        return error_of(native)

    def request(
        self, method: Callable[..., NativeRequest | None], *args: Any, convert: Callable[[Any], T] | None = None
    ) -> Request[T]:
        """Make a request. Raises `IdbError` when the browser refuses it at once."""
        try:
            return Request(self, method(*args), convert)
        except self.platform.error_type as error:
            raise error_of(error) from None

    def bulk_request(
        self, method: Callable[..., None], *args: Any, convert: Callable[[Any], T] | None = None
    ) -> Request[T]:
        """Make many requests through the kernel, which tells their answers together."""
        request: Request[T] = Request(self, None, convert)
        owner = self._register(request.settle)
        try:
            method(*args, self._dispatcher.notify, owner)
        except self.platform.error_type as error:
            self._forget(owner)
            raise error_of(error) from None
        return request

    def settled(self, result: T) -> Request[T]:
        """A request for which nothing has to be asked."""
        request: Request[T] = Request(self, None)
        request.settle_with(result)
        return request

    def listen(self, native: NativeRequest, handler: Handler) -> None:
        """Have a handler called with the event of a request."""
        self.platform.kernel.watchRequest(native, self._dispatcher.notify, self._register(handler))

    def _register(self, handler: Handler) -> int:
        owner: int

        def once(kind: str, value: Any) -> bool:
            self._forget(owner)
            return handler(kind, value)

        owner = self._dispatcher.register(once)
        self._listening.add(owner)
        return owner

    def _forget(self, owner: int) -> None:
        self._listening.discard(owner)
        self._dispatcher.forget(owner)

    def ended(self, kind: str, error: Any) -> bool:
        """The transaction is complete, or was aborted with an error of the browser's, or none."""
        for owner in tuple(self._listening):
            self._forget(owner)
        return False


class Running(Transaction, Generic[T]):
    """A transaction with the function that it runs, and the caller who waits for its result."""

    def __init__(self, dispatcher: Dispatcher, native: NativeTransaction, writes: bool) -> None:
        super().__init__(dispatcher, native, writes)
        self._work: Generator[Any, Any, T] | None = None
        self._result: T | None = None
        self._done: Outcome[T] = Outcome()
        self._owner = 0
        if writes:  # Of a transaction that reads, the requests tell all there is to know.
            self._owner = dispatcher.register(self.ended)
            self.platform.kernel.watchTransaction(native, dispatcher.notify, self._owner)

    async def drive(self, work: Callable[[Any], Awaitable[T]], timeout_s: float | None = None) -> T:
        """Run the function and wait until what it has written is stored. To be cancelled rolls back."""
        self.start(work)
        timer = timeout_s and asyncio.get_running_loop().call_later(timeout_s, self._time_out, timeout_s)
        try:
            return await self._done
        except asyncio.CancelledError:
            self._give_up(Aborted("The transaction was cancelled.", "AbortError"))
            raise
        finally:
            if timer:
                timer.cancel()

    def _time_out(self, timeout_s: float) -> None:
        self._give_up(TimedOut(f"The transaction took longer than {timeout_s} s."))

    def start(self, work: Callable[[Any], Awaitable[T]]) -> None:
        """Run the function until it awaits its first request."""
        self.running = True
        try:
            self._work = work(self).__await__()
        except Exception as error:  # noqa: BLE001 - it is raised where the transaction is awaited
            self.running = False
            self.fail(error)
        else:
            self._step()

    def _step(self, error: BaseException | None = None) -> bool:
        """Run the function until it awaits the next request. Answers whether it goes on, or ended well."""
        if self._work is None:
            return False
        self.running = True
        try:
            awaited = self._work.throw(error) if error else self._work.send(None)
        except StopIteration as end:
            self.running = False
            self._returned(end.value)
            return True
        except BaseException as raised:  # noqa: BLE001 - it is raised where the transaction is awaited
            self.running, self._work = False, None
            return self.fail(raised)
        self.running = False
        if isinstance(awaited, Request) and awaited.transaction is self:
            awaited.wait(self._step)
            return True
        if isinstance(error, ForeignAwait):
            self._work.close()
            return self.fail(error)
        return self._step(ForeignAwait("In a transaction only its own requests can be awaited."))

    def _returned(self, result: T) -> None:
        self._work, self._result = None, result
        if not self.writes:
            self._finish(self._failure)  # All that it asked for has been answered.

    def ended(self, kind: str, error: Any) -> bool:
        """The transaction is complete, or was aborted."""
        super().ended(kind, error)
        failure = self._failure
        if kind == "abort" and (failure is None or (type(failure) is Aborted and error is not None)):
            failure = error_of(error)
        self._finish(failure)
        return False

    def _finish(self, failure: BaseException | None) -> None:
        self._dispatcher.forget(self._owner)
        if self._work is not None:
            self._work.close()
            self._work = None
        if self._done.done():
            return
        if failure is None:
            self._done.set_result(cast(T, self._result))
        else:
            self._done.set_exception(failure)

    def _give_up(self, error: BaseException) -> None:
        """Roll back and wait for no answer: a browser that hangs gives none."""
        self.fail(error)
        self.ended("abort", None)
