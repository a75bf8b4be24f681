"""What the key store asks of the browser, as Protocols, and the values that go between."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from hearth.browser import storage_names
from hearth.core.records.envelope import WrappedKey


@dataclass(frozen=True, slots=True)
class Share:
    """A share in use: its id, and the handle of its key."""

    id: str
    key: Any


class Sealing(Protocol):
    """What the key store needs of cryptography; `raw` is a handle of bytes."""

    def random_share(self) -> Any:
        """The bytes of a new share."""

    async def import_share(self, raw: Any) -> Any:
        """A share's bytes as a key; the bytes are overwritten."""

    async def open_master(self, wrapping: Any, wrapped: WrappedKey, account: str) -> Any:
        """The bytes of the wrapped master key. Raises `Damaged`."""

    async def import_master(self, raw: Any) -> Any:
        """They, as a key that no script can read back."""

    async def seal(self, share: Share, bound: list[Any], content: Any) -> dict[str, str]:
        """Bytes, or text, under a share, bound to a place: what goes into an entry."""

    async def open_text(self, share: Any, bound: list[Any], sealed: dict[str, str]) -> str:
        """Text that was sealed so. Raises `Damaged`."""

    def overwrite(self, raw: Any) -> None:
        """Overwrite bytes."""


def key_place(account: str, key_id: str, share: str) -> list[Any]:
    """What a sealed key is bound to: it opens for its account, under its key's id and its share."""
    return [storage_names.SEALED_KEY, 1, account, key_id, share]


def address_place(account: str, share: str) -> list[Any]:
    """What a sealed e-mail address is bound to."""
    return [storage_names.SEALED_ADDRESS, 1, account, share]


def to_base64(raw: bytes) -> str:
    """Bytes as text."""
    return base64.b64encode(raw).decode()


class ShareKernel(Protocol):
    """What `first_key.js` does about shares, before Python and for it."""

    def hold(self, share: str) -> None:
        """Use a share from now on."""

    async def release(self, shares: Iterable[str]) -> None:
        """Use these shares no longer."""

    def held(self) -> set[str]:
        """The shares that this page uses."""

    async def used(self) -> set[str]:
        """The shares that any page uses."""

    async def read(self, share: str) -> Any | None:
        """The key of a share, or None; this page uses it from now on."""


class SharePlace(Protocol):
    """Where shares lie."""

    async def put(self, share: str, raw: Any) -> None:
        """Put one there."""

    async def get(self, share: str) -> Any | None:
        """Its bytes, or None."""

    async def clear(self, stays: Callable[[str], bool], in_use: bool) -> list[str]:
        """Delete all but those that stay, and look again: the ids that are still there. `in_use`: more may come."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What another tab hands over: its key and the entry, or the note in its place."""

    account: str
    key_id: str = ""
    key: Any = None
    entry: str | None = None
    note: str | None = None
    stored: bool = False


class KeyKernel(ShareKernel, Protocol):
    """What `first_key.js` does about keys."""

    async def open_entry(self, text: str) -> Any:
        """The master key of an entry. Raises `Damaged`."""

    async def ask_tabs(self) -> tuple[bool, Offered | None]:
        """Whether there is another tab that uses a share, and what it hands over."""

    def drop_early(self) -> None:
        """Forget what was read and opened before Python was there."""


class Handing(Protocol):
    """The way to other tabs."""

    def offer(self, what: Callable[[], dict[str, Any] | None] | None) -> None:
        """From now on, hand over what a function answers; without one, nothing."""


class Surroundings(Protocol):
    """What else the browser says and does."""

    async def is_stored(self) -> bool:
        """Whether there is the database of an account."""

    def persist(self) -> None:
        """Ask the browser not to remove what is stored; nobody waits for the answer, which may never come."""

    def note_unended(self, unended: bool) -> None:
        """Write down whether the server has not heard of the sign-out."""

    def is_unended(self) -> bool:
        """Whether that is noted."""
