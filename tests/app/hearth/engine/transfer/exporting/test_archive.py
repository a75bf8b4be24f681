"""An export's archive: every ZIP reader opens it, long texts go in by pieces, and no text stops it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from hearth.engine.transfer.exporting.archive import PIECE_CHARS, ExportArchive
from hearth.engine.transfer.pacing import Pacer
from hearth.testing.transfer import FakeDownload

NOW = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)


class Pieces(FakeDownload):
    """Remembers what was added."""

    def __init__(self) -> None:
        self.added: list[bytes] = []

    def add(self, content: bytes) -> None:
        self.added.append(content)


async def test_files_come_back_as_they_went_in() -> None:
    download = Pieces()
    archive = ExportArchive(download, NOW, Pacer(lambda: 0.0))
    long = "wörd " * PIECE_CHARS
    await archive.file("a/ü.txt", ["one", "two"])
    await archive.file("long.txt", [long])
    await archive.file("half.txt", ["a\ud83d"])
    archive.finish()
    with zipfile.ZipFile(io.BytesIO(b"".join(download.added))) as read:
        assert read.testzip() is None
        assert read.namelist() == ["a/ü.txt", "long.txt", "half.txt"]
        assert read.read("a/ü.txt").decode() == "onetwo"
        assert read.read("long.txt").decode() == long
        assert read.read("half.txt").decode() == "a?"
        assert read.infolist()[0].date_time == (2026, 6, 15, 12, 30, 0)
