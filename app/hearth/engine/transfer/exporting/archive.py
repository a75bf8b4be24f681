"""The archive of an export, written to a download piece by piece."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hearth.core.zip.writer import ZipWriter
from hearth.engine.transfer.pacing import Pacer
from hearth.ports.transfer import Download

PIECE_CHARS = 128 * 1024
"""So much is compressed at once, for a few milliseconds."""


class ExportArchive:
    """Writes files one after the other, and gives way between pieces."""

    def __init__(self, download: Download, now: datetime, pacer: Pacer) -> None:
        self._download = download
        self._now = now
        self._pacer = pacer
        self._zip = ZipWriter()

    async def file(self, name: str, texts: Iterable[str]) -> None:
        """Write a whole file. Raises `ArchiveFull`."""
        self.begin(name)
        for text in texts:
            await self.write(text)

    def begin(self, name: str) -> None:
        """End the file before and begin another one. Raises `ArchiveFull`."""
        self._download.add(self._zip.begin(name, self._now))

    async def write(self, text: str) -> None:
        """More of the file that was begun. Raises `ArchiveFull`."""
        for first in range(0, len(text), PIECE_CHARS):
            # Half a surrogate pair is no character, and cannot be written.
            piece = text[first : first + PIECE_CHARS].encode("utf-8", "replace")
            if packed := self._zip.write(piece):
                self._download.add(packed)
            await self._pacer.rest()

    def finish(self) -> None:
        """End the archive. Raises `ArchiveFull`."""
        self._download.add(self._zip.finish())
