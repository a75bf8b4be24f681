"""Writes a ZIP archive piece by piece: each call returns the bytes that come next."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime

from hearth.core.zip.layout import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    DEFLATED,
    DESCRIPTOR,
    DESCRIPTOR_SIGNATURE,
    END,
    END_SIGNATURE,
    FILE_MODE,
    FLAGS,
    LARGEST,
    LOCAL,
    LOCAL_SIGNATURE,
    MADE_BY_UNIX,
    MOST_ENTRIES,
    RAW_DEFLATE,
    VERSION,
)

LEVEL = 6
FIRST_YEAR, LAST_YEAR = 1980, 2107


class ArchiveFull(Exception):
    """An archive of this kind holds no more: 65,535 files, or 4 GiB."""


@dataclass(slots=True)
class _Member:
    """A file of the archive, as far as it is written."""

    name: bytes
    moment: tuple[int, int]
    offset: int
    crc: int = 0
    compressed: int = 0
    size: int = 0


@dataclass(slots=True)
class ZipWriter:
    """One archive: `begin` a file, `write` it, begin the next one; `finish` ends the archive."""

    _members: list[_Member] = field(default_factory=list)
    _deflate: zlib._Compress | None = None
    _offset: int = 0

    def begin(self, name: str, modified: datetime) -> bytes:
        """End the file before and begin another one; `modified` is local time, as ZIP has it. Raises `ArchiveFull`."""
        ended = self._end_member()
        if len(self._members) == MOST_ENTRIES - 1:
            raise ArchiveFull
        member = _Member(name.encode(), _dos_time(modified), self._offset)
        self._members.append(member)
        self._deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW_DEFLATE)
        time, date = member.moment
        lengths = (len(member.name), 0)
        header = LOCAL.pack(LOCAL_SIGNATURE, VERSION, FLAGS, DEFLATED, time, date, 0, 0, 0, *lengths)
        return ended + self._put(header + member.name)

    def write(self, content: bytes) -> bytes:
        """More of the file that was begun. Raises `ArchiveFull`."""
        if self._deflate is None:
            raise ValueError("no file was begun")
        member = self._members[-1]
        member.crc = zlib.crc32(content, member.crc)
        member.size += len(content)
        packed = self._deflate.compress(content)
        member.compressed += len(packed)
        return self._put(packed)

    def finish(self) -> bytes:
        """End the last file and the archive."""
        ended = self._end_member()
        begin, parts = self._offset, []
        for each in self._members:
            made = (MADE_BY_UNIX | VERSION, VERSION, FLAGS, DEFLATED, *each.moment)
            sizes = (each.crc, each.compressed, each.size, len(each.name))
            parts.append(CENTRAL.pack(CENTRAL_SIGNATURE, *made, *sizes, 0, 0, 0, 0, FILE_MODE, each.offset) + each.name)
        directory = self._put(b"".join(parts))
        count = len(self._members)
        return ended + directory + END.pack(END_SIGNATURE, 0, 0, count, count, len(directory), begin, 0)

    def _end_member(self) -> bytes:
        if self._deflate is None:
            return b""
        member, rest = self._members[-1], self._deflate.flush()
        self._deflate = None
        member.compressed += len(rest)
        sizes = (member.crc, member.compressed, member.size)
        return self._put(rest + DESCRIPTOR.pack(DESCRIPTOR_SIGNATURE, *sizes))

    def _put(self, content: bytes) -> bytes:
        self._offset += len(content)
        if self._offset > LARGEST:
            raise ArchiveFull
        return content


def _dos_time(moment: datetime) -> tuple[int, int]:
    """Time and date as ZIP writes them: local, to two seconds, from 1980 on."""
    year = min(max(moment.year, FIRST_YEAR), LAST_YEAR)
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (year - FIRST_YEAR) << 9 | moment.month << 5 | moment.day
