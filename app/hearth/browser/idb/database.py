"""A database: transactions as functions, and a connection that is opened anew when the browser has lost it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from hearth.browser.idb.dispatcher import Dispatcher
from hearth.browser.idb.errors import Closed, ConnectionLost, WrongUse, error_of
from hearth.browser.idb.keys import Key
from hearth.browser.idb.native import NativeDatabase, NativeTransaction, Platform
from hearth.browser.idb.open_request import Deleting, Opening, unavailable
from hearth.browser.idb.platform import browser
from hearth.browser.idb.transaction import Running, Transaction
from hearth.browser.idb.upgrades import UpgradeFunction

T = TypeVar("T")
Work = Callable[[Transaction], Awaitable[T]]
"""What a transaction does: an async function that awaits its requests, or a function that returns one of them.

Where the connection is lost before anything was stored it is called a second time.
"""

OPEN_TIMEOUT_S = 10.0
"""Some browsers never answer, and another page may hold an earlier version open."""


class Database:
    """An open database; `IndexedDB.open` makes one."""

    def __init__(self, opens: Callable[[], Awaitable[NativeDatabase]], dispatcher: Dispatcher) -> None:
        self._opens = opens
        self._dispatcher = dispatcher
        self._native: NativeDatabase | None = None
        self._owner = dispatcher.register(self._event)
        self._reopening = asyncio.Lock()
        self.closed = False
        """Whether it is closed for good: by `close`, or because another page wants to upgrade or delete it."""
        self.on_gone: Callable[[str], None] | None = None
        """Called once when the database was closed by the browser: with `versionchange`, or `close`."""

    async def connect(self) -> Database:
        """Open the connection."""
        native = await self._opens()
        if self.closed:
            native.close()
            raise Closed("The database was closed.")
        self._native = native
        self._dispatcher.platform.kernel.watchDatabase(native, self._dispatcher.notify, self._owner)
        return self

    @property
    def name(self) -> str:
        """Its name."""
        return self._connection().name

    @property
    def version(self) -> int:
        """The number of upgrades that have made its schema."""
        return int(self._connection().version)

    @property
    def store_names(self) -> list[str]:
        """The names of its object stores."""
        return [str(name) for name in self._connection().objectStoreNames]

    async def read(self, stores: str | Iterable[str], work: Work[T], *, timeout_s: float | None = None) -> T:
        """Run a read-only transaction over these object stores; what its function returns."""
        return await self._run(stores, work, "readonly", timeout_s)

    async def write(self, stores: str | Iterable[str], work: Work[T], *, timeout_s: float | None = None) -> T:
        """Run a transaction that may write; what its function returns, once all that it wrote is stored.

        An exception in the function rolls back and is raised here. So does cancelling the task that awaits this, unless
        the browser has stored it already. Raises `TimedOut` after `timeout_s` seconds.
        """
        return await self._run(stores, work, "readwrite", timeout_s)

    def close(self) -> None:
        """Close the connection, so that the database can be upgraded and deleted; what is under way still ends."""
        self.closed = True
        self._dispatcher.forget(self._owner)
        if self._native is not None:
            self._native.close()
            self._native = None

    async def _run(self, stores: str | Iterable[str], work: Work[T], mode: str, timeout_s: float | None) -> T:
        names = stores if isinstance(stores, str) else self._dispatcher.platform.array(list(stores))
        connection = self._native
        try:
            return await self._try(names, work, mode, timeout_s)
        except ConnectionLost:
            if self.closed:
                raise
        # WebKit ends its database server while the page is in the background, and browsers close connections whose
        # files they had to remove. Nothing of the transaction is stored: once more, on a connection of its own.
        await self._reconnect(connection)
        return await self._try(names, work, mode, timeout_s)

    async def _try(self, names: Any, work: Work[T], mode: str, timeout_s: float | None) -> T:
        native = self._begin(names, mode)
        running: Running[T] = Running(self._dispatcher, native, writes=mode == "readwrite")
        return await running.drive(work, timeout_s)

    def _begin(self, names: Any, mode: str) -> NativeTransaction:
        platform = self._dispatcher.platform
        try:
            return self._connection().transaction(names, mode)
        except platform.error_type as error:
            # An `InvalidStateError` says that the connection is closing, or closed.
            raise error_of(error, ConnectionLost) from None

    def _connection(self) -> NativeDatabase:
        if self._native is None:
            raise Closed("The database is closed.") if self.closed else ConnectionLost("The connection was lost.")
        return self._native

    async def _reconnect(self, lost: NativeDatabase | None) -> None:
        async with self._reopening:
            if self._native is lost:
                if lost is not None:
                    lost.close()
                self._native = None
                await self.connect()

    def _event(self, kind: str, _value: Any) -> bool:
        if kind == "versionchange" or self.on_gone:
            self.close()  # Whoever upgrades or deletes waits for it, and an owner who is told decides what to do.
        self._native = None
        told, self.on_gone = self.on_gone, None
        if told:
            told(kind)
        return False


class IndexedDB:
    """The databases of one origin, or of a test: `IndexedDB()` in a browser, with another platform elsewhere."""

    def __init__(self, platform: Platform | None = None) -> None:
        self.platform = platform or browser()
        self.dispatcher = Dispatcher(self.platform)

    async def open(
        self,
        name: str,
        upgrades: Sequence[UpgradeFunction],
        *,
        timeout_s: float | None = OPEN_TIMEOUT_S,
        on_blocked: Callable[[], None] | None = None,
        on_gone: Callable[[str], None] | None = None,
    ) -> Database:
        """Open a database, after the upgrades that it lacks; their number is its version.

        `on_blocked` is called when a connection elsewhere holds up the upgrade. The database closes by itself when
        another page wants to upgrade or delete it; `on_gone` is called then, and when the browser takes the connection
        away: the database is closed for good. Without `on_gone`, the next transaction opens a lost connection anew.

        Raises `NewerVersion`, `Blocked`, `TimedOut`, `Unavailable`, `OpenFailed`, or what an upgrade raised.
        """
        if not upgrades:
            raise WrongUse("A database needs one upgrade at least, which makes its object stores.")
        database = Database(
            lambda: Opening(self.dispatcher, upgrades, on_blocked).open(name, timeout_s), self.dispatcher
        )
        database.on_gone = on_gone
        try:
            return await database.connect()
        except BaseException:
            database.close()
            raise

    async def delete(
        self, name: str, *, timeout_s: float | None = None, on_blocked: Callable[[], None] | None = None
    ) -> None:
        """Delete a database, once every connection to it is closed; nothing happens where there is none."""
        await Deleting(self.dispatcher, on_blocked).delete(name, timeout_s)

    async def names(self) -> list[str]:
        """The names of the databases."""
        try:
            return [str(name) for name in await self.platform.kernel.databaseNames()]
        except self.platform.error_type as error:
            raise unavailable(error) from None

    def compare(self, one: Key, other: Key) -> int:
        """Which of two keys comes first: -1, 0 or 1."""
        return self.platform.compare(one, other)
