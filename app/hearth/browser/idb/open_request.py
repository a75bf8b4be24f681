"""Opening and deleting a database: the one request with an upgrade, other pages in the way, and a limit in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from hearth.browser.idb.dispatcher import Dispatcher
from hearth.browser.idb.errors import (
    Blocked,
    IdbError,
    OpenFailed,
    TimedOut,
    Unavailable,
    error_of,
)
from hearth.browser.idb.native import NativeDatabase, NativeRequest
from hearth.browser.idb.upgrades import Upgrade, UpgradeFunction


class _Limited:
    """A request of the database as a whole, which is given up when it takes too long."""

    def __init__(self, dispatcher: Dispatcher, on_blocked: Callable[[], None] | None) -> None:
        self._dispatcher = dispatcher
        self._on_blocked = on_blocked
        self._blocked = False
        self._owner = dispatcher.register(self._event)
        self._done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def _within(self, timeout_s: float | None) -> Any:
        timer = None
        if timeout_s is not None:
            timer = asyncio.get_running_loop().call_later(timeout_s, self._time_out, timeout_s)
        try:
            return await self._done
        finally:
            if timer:
                timer.cancel()

    def _time_out(self, timeout_s: float) -> None:
        if not self._done.done():
            late = Blocked if self._blocked else TimedOut
            self._done.set_exception(late(f"It took longer than {timeout_s} s."))

    def _event(self, kind: str, value: Any) -> bool:
        if kind == "blocked":
            self._blocked = True
            if self._on_blocked and not self._done.done():
                self._on_blocked()
        elif kind != "upgradeneeded":
            self._dispatcher.forget(self._owner)
            if not self._done.done():
                self._end(kind, value)
        return False

    def _end(self, kind: str, value: Any) -> None:
        if kind == "success":
            self._done.set_result(value)
        else:
            self._done.set_exception(_refused(value))


class Opening(_Limited):
    """A request to open a database. What it brings after it was given up is closed again."""

    def __init__(
        self, dispatcher: Dispatcher, steps: Sequence[UpgradeFunction], on_blocked: Callable[[], None] | None
    ) -> None:
        super().__init__(dispatcher, on_blocked)
        self._steps = steps
        self._upgrade: Upgrade | None = None
        self._request: NativeRequest | None = None

    async def open(self, name: str, timeout_s: float | None) -> NativeDatabase:
        """Open it. Raises `IdbError`, or what an upgrade raised."""
        platform, notify = self._dispatcher.platform, self._dispatcher.notify
        try:
            self._request = platform.kernel.open(name, len(self._steps), notify, self._owner)
        except platform.error_type as error:
            self._dispatcher.forget(self._owner)
            raise unavailable(error) from None
        opened: NativeDatabase = await self._within(timeout_s)
        return opened

    def _event(self, kind: str, value: Any) -> bool:
        if kind == "upgradeneeded":
            self._begin_upgrade(value)
        if kind == "success" and self._done.done():
            value.close()
        return super()._event(kind, value)

    def _end(self, kind: str, value: Any) -> None:
        if self._upgrade and self._upgrade.failure:
            self._done.set_exception(self._upgrade.failure)
        else:
            super()._end(kind, value)

    def _begin_upgrade(self, old_version: int) -> None:
        if self._request is None:
            return
        if self._done.done():
            self._request.transaction.abort()
            return
        self._upgrade = Upgrade(self._dispatcher, self._request.transaction, self._request.result, old_version)
        self._upgrade.run(self._steps)


class Deleting(_Limited):
    """A request to delete a database, which waits until every connection to it is closed."""

    async def delete(self, name: str, timeout_s: float | None) -> None:
        """Delete it. When this is given up, the browser still does it as soon as it can."""
        platform, notify = self._dispatcher.platform, self._dispatcher.notify
        try:
            platform.kernel.deleteDatabase(name, notify, self._owner)
        except platform.error_type as error:
            self._dispatcher.forget(self._owner)
            raise unavailable(error) from None
        await self._within(timeout_s)


def unavailable(native: Any) -> IdbError:
    """What was thrown at once: no `indexedDB` at all is a `ReferenceError` or a `TypeError` in the kernel."""
    error = error_of(native, Unavailable)
    return error if type(error) is not IdbError else Unavailable(str(error), error.name)


def _refused(native: Any) -> IdbError:
    """What opening failed with. In Firefox's private windows, until version 115, it was an `InvalidStateError`."""
    error = error_of(native, Unavailable)
    return error if type(error) is not IdbError else OpenFailed(str(error), error.name)
