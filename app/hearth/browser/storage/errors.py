"""What IndexedDB raises, as the errors of the port `Store`, with sentences fit to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hearth.browser.idb import Blocked, IdbError, NewerVersion, QuotaExceeded, TimedOut, Unavailable
from hearth.core import errors
from hearth.core.errors import HeldElsewhere, NewerSchema, StorageError, StorageUnavailable


def storage_error(error: IdbError) -> StorageError:
    """The error of the port for one of IndexedDB's."""
    match error:
        case QuotaExceeded():
            return errors.QuotaExceeded("This device has no room left for more chats.")
        case NewerVersion():
            return NewerSchema("A newer version of Hearth has stored chats on this device: reload the page to get it.")
        case Blocked():
            return HeldElsewhere(
                "Another tab holds what Hearth stored here: close Hearth's other tabs and reload the page."
            )
        case TimedOut():
            return StorageUnavailable("The storage of this browser does not answer.")
        case Unavailable():
            return StorageUnavailable("This browser does not let Hearth store anything.")
        case _:
            return StorageError(f"The storage of this browser does not work ({error.name or 'unknown'}).")


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise what IndexedDB raises as the errors of the port."""
    try:
        yield
    except IdbError as error:
        raise storage_error(error) from None
