"""The values of a file that a person has chosen, one after the other: of a JSON file, or of those in a ZIP archive."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from hearth.core.chat_import.json_items import BadJson, DamagedJson, JsonItems, NotJson
from hearth.core.errors import FileUnreadable
from hearth.core.zip.layout import LOCAL
from hearth.core.zip.reader import TAIL_BYTES, BadZip, Inflater, Member, data_offset, directory, members
from hearth.engine.transfer.pacing import Pacer
from hearth.ports.transfer import ChosenFile

PIECE_BYTES: Final = 256 * 1024
MAX_TEXT_BYTES: Final = 400 * 1024 * 1024
"""The longest JSON that is read: ten times what most people's chats take."""
MAX_FILES: Final = 65_000

NO_CHATS = (
    "This is not a file of chats. Choose the ZIP file that the service has sent you, or conversations.json in it."
)
DAMAGED = "This file is damaged, or not complete. Download it once more, and try again."
STRANGE = "This file is not like any file of chats, so it is not read."
TOO_LARGE = "This file is too large to be read here: more than 400 MB of text."
NO_JSON = "There are no chats in this archive. Choose the ZIP file that the service has sent you."

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class FileValues:
    """One file, read from its beginning to its end. `done` of `total` bytes are read so far."""

    def __init__(self, file: ChosenFile, pacer: Pacer) -> None:
        self._file = file
        self._pacer = pacer
        self.done = 0
        self.total = file.size

    async def read(self) -> AsyncIterator[Any]:
        """Its values. Raises `FileUnreadable`, whose text is a sentence."""
        try:
            if (await self._file.read(0, 4)) in _ZIP:
                async for value in self._archive():
                    yield value
            else:
                if self._file.size > MAX_TEXT_BYTES:
                    raise FileUnreadable(TOO_LARGE)
                async for value in self._json(self._pieces(0, self._file.size)):
                    yield value
        except BadZip as error:
            raise FileUnreadable(str(error)) from None
        except NotJson:
            raise FileUnreadable(NO_CHATS) from None
        except DamagedJson:
            raise FileUnreadable(DAMAGED) from None
        except (BadJson, RecursionError):
            raise FileUnreadable(STRANGE) from None

    async def _archive(self) -> AsyncIterator[Any]:
        size = self._file.size
        tail = await self._file.read(max(0, size - TAIL_BYTES), min(size, TAIL_BYTES))
        where = directory(tail, size)
        listed = members(await self._file.read(where.offset, where.size), where.entries)
        chosen = _with_chats(listed)
        if not chosen:
            raise FileUnreadable(NO_JSON)
        if sum(each.size for each in chosen) > MAX_TEXT_BYTES:
            raise FileUnreadable(TOO_LARGE)
        self.done, self.total = 0, sum(each.packed for each in chosen)
        for member in chosen:
            async for value in self._json(self._unpacked(member)):
                yield value

    async def _unpacked(self, member: Member) -> AsyncIterator[bytes]:
        header = await self._file.read(member.offset, LOCAL.size)
        inflater = Inflater(member, MAX_TEXT_BYTES)
        async for packed in self._pieces(data_offset(member, header), member.packed):
            for piece in inflater.feed(packed):
                yield piece
        inflater.end()

    async def _pieces(self, first: int, size: int) -> AsyncIterator[bytes]:
        """A stretch of the file, piece by piece."""
        for at in range(first, first + size, PIECE_BYTES):
            piece = await self._file.read(at, min(PIECE_BYTES, first + size - at))
            if not piece:
                raise FileUnreadable(DAMAGED)
            yield piece
            self.done += len(piece)
            await self._pacer.rest()

    async def _json(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        items, decoder = JsonItems(), codecs.getincrementaldecoder("utf-8")()
        async for piece in pieces:
            for value in items.feed(_decoded(decoder, piece)):
                yield value
                await self._pacer.rest()
        for value in _last(items, _decoded(decoder, b"", final=True)):
            yield value


def _decoded(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> str:
    try:
        return decoder.decode(piece, final)
    except UnicodeDecodeError:
        raise NotJson from None


def _last(items: JsonItems, text: str) -> Iterator[Any]:
    yield from items.feed(text)
    yield from items.end()


def _with_chats(listed: list[Member]) -> list[Member]:
    """The members of an archive that hold chats: by their names as the services give them, else every JSON file."""
    json_files = [each for each in listed if each.name.lower().endswith(".json") and "__MACOSX" not in each.name]
    named = [each for each in json_files if each.name.rpartition("/")[2].lower().startswith("conversations")]
    own = [each for each in json_files if f"/{each.name}".rpartition("/")[0].endswith("/chats")]
    return named or own or json_files
