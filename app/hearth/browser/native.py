"""What the adapters ask of a browser beside IndexedDB, as Protocols: storages, caches and locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class StorageRefused(Exception):
    """The browser does not store this: there is no room, or it is forbidden."""


class WebStorage(Protocol):
    """One of the two storages."""

    def names(self) -> list[str]:
        """The names of all entries."""

    def get(self, name: str) -> str | None:
        """An entry, or None."""

    def put(self, name: str, value: str) -> None:
        """Store an entry. Raises `StorageRefused`."""

    def remove(self, name: str) -> None:
        """Remove an entry; nothing happens without one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that a cache keeps: its whole address, and the path in it."""

    address: str
    path: str


class Caches(Protocol):
    """The caches of one origin; contents are handles, which are passed on unopened."""

    async def names(self) -> list[str]:
        """The names of all caches; none where they are forbidden."""

    async def answers(self, cache: str) -> list[Answer]:
        """What a cache keeps; it is made where there is none."""

    async def put(self, cache: str, path: str, content: Any) -> None:
        """Keep bytes as the answer for a path."""

    async def get(self, cache: str, path: str) -> Any | None:
        """The bytes of an answer, or None."""

    async def remove(self, cache: str, address: str) -> bool:
        """Remove an answer; whether it was there."""

    async def drop(self, cache: str) -> None:
        """Delete a cache with all that it keeps."""


Given = Callable[[bool], bool]
"""Is told whether the lock is there; answers whether to hold it. It is called once, or never."""
Ended = Callable[[], None]
"""Is told that the request was refused, withdrawn, or that another page has taken the lock."""


class Locks(Protocol):
    """The locks of one origin."""

    def request(
        self, name: str, given: Given, ended: Ended, *, if_available: bool = False, steal: bool = False
    ) -> Callable[[], None]:
        """Stand in line for a lock, which is held until the function that is returned is called; that also withdraws.

        `if_available` does not wait, `steal` takes the lock from whoever holds it.
        """

    async def requests(self, name: str) -> int:
        """How many hold a lock and stand in line for it; none where that cannot be told."""
