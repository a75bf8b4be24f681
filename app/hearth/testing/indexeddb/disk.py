"""The databases of an origin: connections, the line of requests to open and to delete, and faults on demand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hearth.testing.indexeddb.keys import DomError
from hearth.testing.indexeddb.requests import OpenRequest
from hearth.testing.indexeddb.sources import ObjectStore
from hearth.testing.indexeddb.tables import Schema, Table
from hearth.testing.indexeddb.transactions import ABORTED, Transaction, startable


@dataclass(slots=True, eq=False)
class Connection:
    """An `IDBDatabase`."""

    stored: StoredDatabase
    onversionchange: Callable[[int | None], None] | None = None
    onclose: Callable[[], None] | None = None
    closed: bool = False
    upgrade: Transaction | None = None

    @property
    def name(self) -> str:
        return self.stored.name

    @property
    def version(self) -> int:
        return self.stored.schema.version

    @property
    def objectStoreNames(self) -> list[str]:
        return sorted(self.stored.schema.tables)

    def transaction(self, stores: str | Sequence[str], mode: str) -> Transaction:
        stores = [stores] if isinstance(stores, str) else stores
        if self.closed:
            raise DomError("InvalidStateError", "The database connection is closing.")
        if missing := set(stores) - self.stored.schema.tables.keys():
            raise DomError("NotFoundError", f"There is no object store {min(missing)}.")
        if not stores:
            raise DomError("InvalidAccessError", "The storeNames parameter was empty.")
        return Transaction(self.stored, frozenset(stores), mode).begin()

    def createObjectStore(self, name: str, options: dict[str, Any]) -> ObjectStore:
        transaction = self._upgrading()
        if name in self.stored.schema.tables:
            raise DomError("ConstraintError", f"There is an object store {name} already.")
        self.stored.schema.tables[name] = Table(options.get("keyPath"), bool(options.get("autoIncrement")))
        return ObjectStore(transaction, name)

    def deleteObjectStore(self, name: str) -> None:
        self._upgrading()
        if name not in self.stored.schema.tables:
            raise DomError("NotFoundError", f"There is no object store {name}.")
        del self.stored.schema.tables[name]

    def _upgrading(self) -> Transaction:
        if self.upgrade is None or self.upgrade.finished:
            raise DomError("InvalidStateError", "The database is not running a version change transaction.")
        return self.upgrade

    def close(self) -> None:
        self.closed = True
        self.stored.pump()


@dataclass(slots=True, eq=False)
class StoredDatabase:
    """A database, the connections to it, its transactions, and who waits to open or to delete it."""

    disk: Disk
    name: str
    schema: Schema = field(default_factory=Schema)
    transactions: list[Transaction] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    _line: deque[tuple[OpenRequest, int | None]] = field(default_factory=deque)
    _asked: bool = False
    """Whether the connections have been told that the first in the line waits for them."""
    _blocked: bool = False
    _busy: bool = False

    def enqueue(self, request: OpenRequest, version: int | None) -> None:
        """Wait to open a version, or to delete it (None)."""
        self._line.append((request, version))
        self.pump()

    def pump(self) -> None:
        """Go on in the next turn of the event loop."""
        self.disk.soon(self._go_on)

    def _go_on(self) -> None:
        for transaction in startable(self.transactions):
            if not transaction.active and not transaction.finished:
                transaction.advance()
                self.pump()
        if self._line and not self._busy:
            self._serve(*self._line[0])

    def _serve(self, request: OpenRequest, version: int | None) -> None:
        if version is not None and version < self.schema.version:
            self._answer(
                request, error=DomError("VersionError", "The requested version is less than the existing one.")
            )
        elif version == self.schema.version:
            self._answer(request, Connection(self))
        elif self._waits_for_others(request, version):
            return
        elif version is None:
            self.schema = Schema()
            self._answer(request)
        else:
            self._upgrade(request, version)

    def _waits_for_others(self, request: OpenRequest, version: int | None) -> bool:
        others = [each for each in self.connections if not each.closed]
        if others and not self._asked:
            self._asked = True
            for each in others:
                if each.onversionchange:
                    each.onversionchange(version)
            self.pump()
            return True
        if others and not self._blocked:
            self._blocked = True
            if request.onblocked:
                request.onblocked()
        return bool(others) or bool(self.transactions)

    def _answer(self, request: OpenRequest, result: Connection | None = None, error: DomError | None = None) -> None:
        self._line.popleft()
        self._asked = self._blocked = self._busy = False
        if result:
            self.connections.append(result)
        request.settle(result, error)
        self.pump()

    def _upgrade(self, request: OpenRequest, version: int) -> None:
        self._busy = True
        old_version, connection = self.schema.version, Connection(self)
        transaction = Transaction(self, frozenset(self.schema.tables), "versionchange", before=self.schema.copy())
        transaction.begin()
        self.schema.version = version
        connection.upgrade = request.transaction = transaction
        request.readyState, request.result = "done", connection

        def afterwards(complete: bool) -> None:
            if complete and not connection.closed:
                self._answer(request, connection)
            else:
                connection.closed = True
                self._answer(request, error=ABORTED)

        transaction.afterwards = afterwards
        if request.onupgradeneeded:
            request.onupgradeneeded(old_version)


@dataclass(slots=True, eq=False)
class Disk:
    """The databases of an origin by name."""

    databases: dict[str, StoredDatabase] = field(default_factory=dict)
    hangs: bool = False
    """Nothing is answered any more."""
    room: int | None = None
    """How many more records fit; None for as many as you like."""

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the event loop's next turn, unless the disk hangs by then."""
        asyncio.get_running_loop().call_soon(lambda: None if self.hangs else callback())

    def take_room(self) -> None:
        """A record more is to be stored. Raises `DomError` where it does not fit."""
        if self.room is not None:
            if self.room <= 0:
                raise DomError("QuotaExceededError", "There is no room left.")
            self.room -= 1

    def database(self, name: str) -> StoredDatabase:
        """A database, made where there is none."""
        return self.databases.setdefault(name, StoredDatabase(self, name))

    def names(self) -> list[str]:
        """The names of the databases that exist."""
        return [name for name, each in self.databases.items() if each.schema.version]

    def lose_connections(self, told: bool) -> None:
        """The browser takes every connection away: with an event, or without a word."""
        for database in self.databases.values():
            for connection in database.connections:
                if not connection.closed:
                    connection.closed = True
                    if told and connection.onclose:
                        connection.onclose()
