"""Transactions: one request after the other, a turn of the event loop each, until none is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hearth.testing.indexeddb.keys import DomError
from hearth.testing.indexeddb.requests import Request
from hearth.testing.indexeddb.sources import InDatabase, ObjectStore
from hearth.testing.indexeddb.tables import Schema, Table

ABORTED = DomError("AbortError", "The transaction was aborted.")


@dataclass(slots=True, eq=False)
class Transaction:
    """An `IDBTransaction`: of some tables, or of a whole database while its schema changes."""

    database: InDatabase
    scope: frozenset[str]
    mode: str
    error: DomError | None = None
    oncomplete: Callable[[], None] | None = None
    onabort: Callable[[], None] | None = None
    active: bool = True
    finished: bool = False
    before: Schema | dict[str, Table] | None = None
    """What to go back to when it is rolled back."""
    afterwards: Callable[[bool], None] | None = None
    """Called last, with whether it is complete."""
    _queue: deque[tuple[Request, Callable[[], Any]]] = field(default_factory=deque)

    def begin(self) -> Transaction:
        """Take its place in the line; it is active until the event loop goes on."""
        self.database.transactions.append(self)
        self.database.disk.soon(self._deactivate)
        return self

    def _deactivate(self) -> None:
        self.active = False
        self.database.pump()

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.mode != "readonly"

    def conflicts(self, earlier: Transaction) -> bool:
        """Whether it has to wait until an earlier one has ended."""
        return bool(self.scope & earlier.scope) and (self.writes or earlier.writes)

    def objectStore(self, name: str) -> ObjectStore:
        if self.finished:
            raise DomError("InvalidStateError", "The transaction has finished.")
        if name not in self.database.schema.tables or (self.mode != "versionchange" and name not in self.scope):
            raise DomError("NotFoundError", f"There is no object store {name} in the transaction.")
        return ObjectStore(self, name)

    def ask(self, operation: Callable[[], Any], request: Request | None = None) -> Request:
        """Make a request."""
        if self.finished or not self.active:
            raise DomError("TransactionInactiveError", "The transaction is not active.")
        request = request or Request(self)
        request.readyState = "pending"
        self._queue.append((request, operation))
        return request

    def write(self, operation: Callable[[], Any]) -> Request:
        """Make a request that changes something."""
        if self.mode == "readonly":
            raise DomError("ReadOnlyError", "The transaction is read-only.")
        return self.ask(operation)

    def advance(self) -> None:
        """Carry out the next request, or end where there is none."""
        if self.writes and self.before is None:
            self.before = {name: self.database.schema.tables[name].copy() for name in self.scope}
        if not self._queue:
            self._finish(True)
            return
        request, operation = self._queue.popleft()
        try:
            result, error = operation(), None
        except DomError as failed:
            result, error = None, failed
        self.active = True
        event = request.settle(result, error)
        self.active = False
        if error and not event.prevented and not self.finished:
            self.error = error
            self._roll_back()

    def abort(self) -> None:
        """Roll back."""
        if self.finished:
            raise DomError("InvalidStateError", "The transaction has finished.")
        self._roll_back()

    def _roll_back(self) -> None:
        self.finished, self.active = True, False
        if isinstance(self.before, Schema):
            self.database.schema = self.before
        elif self.before:
            self.database.schema.tables.update(self.before)
        self.database.disk.soon(self._tell_abort)

    def _tell_abort(self) -> None:
        while self._queue:
            self._queue.popleft()[0].settle(error=ABORTED)
        self._finish(False)

    def _finish(self, complete: bool) -> None:
        self.finished = True
        self.database.transactions.remove(self)
        told = self.oncomplete if complete else self.onabort
        if told:
            told()
        if self.afterwards:
            self.afterwards(complete)
        self.database.pump()


def startable(transactions: Iterable[Transaction]) -> list[Transaction]:
    """The transactions that wait for no earlier one."""
    found: list[Transaction] = []
    earlier: list[Transaction] = []
    for each in transactions:
        if not any(each.conflicts(other) for other in earlier):
            found.append(each)
        earlier.append(each)
    return found
