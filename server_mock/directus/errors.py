"""What can go wrong between the server and Directus, by whose fault it was.

    DirectusError               any of these
    ├── DirectusUnavailable     nobody's: no connection, no answer in time, 503, 429; the tries are used up
    ├── DirectusRefused         the operator's: wrong token, missing collection, wrong address
    ├── DirectusRejected        ours: Directus understood the request and would not do it (400)
    │   ├── DirectusConflict    a row with that primary key is there already
    │   └── DirectusTooLarge    the request is longer than Directus takes; most are noticed before they are sent
    └── DirectusBroken          Directus': a 5xx, an answer that is not the dialect

No message ever holds the token.
"""

from __future__ import annotations


class DirectusError(Exception):
    """Directus did not do what was asked; ``status`` and ``code`` as it answered, None where it did not."""

    def __init__(self, sentence: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


class DirectusUnavailable(DirectusError):
    """Directus could not be reached, or had no time, as often as was tried; worth trying later."""


class DirectusRefused(DirectusError):
    """Directus does not let us: the token, the address or the collections are not right."""


class DirectusRejected(DirectusError):
    """Directus found the request wrong."""


class DirectusConflict(DirectusRejected):
    """A row with the same primary key exists."""


class DirectusTooLarge(DirectusRejected):
    """The request is longer than Directus takes: its MAX_PAYLOAD_SIZE."""


class DirectusBroken(DirectusError):
    """Directus failed, or answered what is not its dialect."""
