"""The error tree of IndexedDB, and how the browser's errors become part of it.

    IdbError
    ├── Unavailable             there is no IndexedDB here, or this page may not use it
    ├── OpenFailed              the database does not open
    │   ├── Blocked             a connection with an earlier version is open elsewhere and does not close
    │   └── NewerVersion        the stored database is of a later version than the one asked for
    ├── ConnectionLost          the browser took the connection away, or its database server is gone
    │   └── Closed              `Database.close` was called
    ├── TimedOut                the browser did not answer within the time given
    ├── Aborted                 the transaction was rolled back: nothing of it is stored
    │   ├── ConstraintFailed    the key, or the value of a unique index, is taken
    │   └── QuotaExceeded       no room is left for this origin
    ├── NotFound                no object store or index of that name
    ├── InvalidData             not a key, not a key range, or a value that cannot be cloned
    └── WrongUse                the calling code is at fault
        ├── TransactionInactive a request was made after its transaction had ended
        ├── ReadOnly            a read-only transaction was asked to write
        └── ForeignAwait        a transaction's function awaited something else than its own requests

`name` is the name that the browser gave the error, such as `QuotaExceededError`, or an empty text.
"""

from __future__ import annotations

import re
from typing import Any


class IdbError(Exception):
    """Base of every error of this package; one of an unknown name is an instance of this class itself."""

    def __init__(self, message: str = "", name: str = "") -> None:
        super().__init__(message or name)
        self.name = name


class Unavailable(IdbError):
    """There is no IndexedDB here, or this page may not use it."""


class OpenFailed(IdbError):
    """The database does not open."""


class Blocked(OpenFailed):
    """A connection with an earlier version is open elsewhere and does not close."""


class NewerVersion(OpenFailed):
    """The stored database is of a later version than the one asked for."""


class ConnectionLost(IdbError):
    """The browser took the connection away, or its database server is gone."""


class Closed(ConnectionLost):
    """The database was closed by its owner."""


class TimedOut(IdbError):
    """The browser did not answer within the time given."""


class Aborted(IdbError):
    """The transaction was rolled back: nothing of it is stored."""


class ConstraintFailed(Aborted):
    """The key, or the value of a unique index, is taken."""


class QuotaExceeded(Aborted):
    """No room is left for this origin."""


class NotFound(IdbError):
    """There is no object store or index of that name."""


class InvalidData(IdbError):
    """Not a key, not a key range, or a value that cannot be cloned."""


class WrongUse(IdbError):
    """The calling code is at fault."""


class TransactionInactive(WrongUse):
    """A request was made after its transaction had ended."""


class ReadOnly(WrongUse):
    """A read-only transaction was asked to write."""


class ForeignAwait(WrongUse):
    """A transaction's function awaited something else than a request of this transaction."""


BY_NAME: dict[str, type[IdbError]] = {
    "SecurityError": Unavailable,
    "NotSupportedError": Unavailable,
    "ReferenceError": Unavailable,
    "VersionError": NewerVersion,
    "AbortError": Aborted,
    "ConstraintError": ConstraintFailed,
    "QuotaExceededError": QuotaExceeded,
    "NotFoundError": NotFound,
    "DataError": InvalidData,
    "DataCloneError": InvalidData,
    "TransactionInactiveError": TransactionInactive,
    "ReadOnlyError": ReadOnly,
}

WEBKIT_LOST = "Connection to Indexed Database server lost"
"""WebKit runs its databases in a process that it ends for tabs in the background; the name is `UnknownError` then."""

WRAPPED = re.compile(r'was thrown as an error!.*?"""(\w+Error): (.*?)"""', re.DOTALL)
"""Pyodide wraps what is thrown and is no error of a kind that it knows, such as a `QuotaExceededError` of today's."""


def error_of(native: Any, invalid_state: type[IdbError] = WrongUse) -> IdbError:
    """The browser's error, a `DOMException` or none at all, as one of this tree.

    `invalid_state` says what an `InvalidStateError` means here: it stands for many things.
    """
    name = str(getattr(native, "name", None) or "")
    message = str(getattr(native, "message", None) or "")
    if wrapped := WRAPPED.search(message):
        name, message = wrapped.groups()
    if name == "UnknownError" and message.startswith(WEBKIT_LOST):
        return ConnectionLost(message, name)
    if name == "InvalidStateError":
        return invalid_state(message, name)
    return BY_NAME.get(name, IdbError)(message, name) if native is not None else Aborted("aborted", "AbortError")
