"""The ports for a person's data: a file that goes out as a download, and one that the person has chosen."""

from __future__ import annotations

from typing import Protocol


class Download(Protocol):
    """A file on its way to the person: kept in memory piece by piece, and offered by the browser at the end."""

    def add(self, content: bytes) -> None:
        """The next piece."""

    def finish(self) -> None:
        """Offer the whole file to the person, and let go of it."""

    def discard(self) -> None:
        """Let go of what there is; nothing is offered."""


class ChosenFile(Protocol):
    """A file that the person has chosen, which stays where it is until it is read."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def size(self) -> int:
        """Its size in bytes."""

    async def read(self, offset: int, length: int) -> bytes:
        """A part of it, shorter at its end. Raises `FileUnreadable`, since it may be gone, or have changed."""
