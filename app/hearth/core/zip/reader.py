"""Reads a ZIP archive from parts of it, as the directory at its end describes it; nothing is taken on trust.

Whoever reads passes parts of the file in: its end for `directory`, the 30 bytes at a member's offset for `data_offset`,
and then the packed bytes, piece by piece, for `Inflater`. What is packed to a tiny part of its size is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hearth.core.zip.layout import (
    CENTRAL,
    CENTRAL_SIGNATURE,
    DEFLATED,
    ENCRYPTED,
    END,
    END_SIGNATURE,
    LARGEST,
    LOCAL,
    LOCAL_SIGNATURE,
    MOST_ENTRIES,
    RAW_DEFLATE,
    STORED,
)

TAIL_BYTES: Final = END.size + 0xFFFF
"""The end record is among the last bytes, before a comment of at most 64 KB."""
MAX_DIRECTORY_BYTES: Final = 64 * 1024 * 1024
MAX_RATIO: Final = 200
"""Files of chats are packed to a tenth or so; DEFLATE reaches a thousandth with what means harm."""
FREE_BYTES: Final = 1024 * 1024
"""Up to this size the ratio does not matter."""
PIECE_BYTES: Final = 256 * 1024


class BadZip(ValueError):
    """An archive is damaged, or of a kind that is not read; the text says which."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Where an archive's directory lies."""

    offset: int
    size: int
    entries: int


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive."""

    name: str
    method: int
    packed: int
    size: int
    offset: int


def directory(tail: bytes, file_size: int) -> Directory:
    """The directory of an archive of that size, of which `tail` are the last bytes. Raises `BadZip`."""
    at = tail.rfind(END_SIGNATURE.to_bytes(4, "little"))
    if at < 0 or len(tail) - at < END.size:
        raise BadZip("This archive is damaged: its end is missing.")
    _, disk, first_disk, here, entries, size, offset, _ = END.unpack_from(tail, at)
    if disk or first_disk or here != entries:
        raise BadZip("This archive is one part of several. Put the parts together first.")
    if MOST_ENTRIES in (here, entries) or LARGEST in (size, offset):
        raise BadZip("This archive is too large to be read here (ZIP64). Unpack it, and choose the file in it.")
    end = file_size - len(tail) + at
    if size > MAX_DIRECTORY_BYTES or offset + size > end:
        raise BadZip("This archive is damaged: its directory is not where it should be.")
    return Directory(offset, size, entries)


def members(content: bytes, entries: int) -> list[Member]:
    """The files that a directory names; folders are left out. Raises `BadZip`."""
    found, at = [], 0
    for _ in range(entries):
        if len(content) - at < CENTRAL.size:
            raise BadZip("This archive is damaged: its directory ends too early.")
        fields = CENTRAL.unpack_from(content, at)
        signature, _, _, flags, method, _, _, _, packed, size, name_size, extra, comment = fields[:13]
        if signature != CENTRAL_SIGNATURE:
            raise BadZip("This archive is damaged: its directory cannot be read.")
        at += CENTRAL.size
        name = content[at : at + name_size].decode("utf-8", "replace")
        at += name_size + extra + comment
        if name.endswith("/"):
            continue
        if flags & ENCRYPTED:
            raise BadZip("This archive is protected by a password. Unpack it, and choose the file in it.")
        found.append(Member(name, method, packed, size, fields[16]))
    return found


def data_offset(member: Member, header: bytes) -> int:
    """Where a member's packed bytes begin; `header` are the bytes at its offset. Raises `BadZip`."""
    if len(header) < LOCAL.size:
        raise BadZip("This archive is damaged: a file in it is missing.")
    fields = LOCAL.unpack_from(header)
    if fields[0] != LOCAL_SIGNATURE:
        raise BadZip("This archive is damaged: a file in it is not where it should be.")
    return member.offset + LOCAL.size + int(fields[9]) + int(fields[10])


class Inflater:
    """Unpacks one member, piece by piece; no piece is long, whatever was packed."""

    def __init__(self, member: Member, max_bytes: int) -> None:
        if member.method not in (STORED, DEFLATED):
            raise BadZip("A file in this archive is packed in a way that is not known here.")
        if member.size > max_bytes:
            raise BadZip("A file in this archive is too large to be read here.")
        if LARGEST in (member.packed, member.size):
            raise BadZip("A file in this archive is too large to be read here (ZIP64).")
        self._member = member
        self._stored = member.method == STORED
        self._inflate = zlib.decompressobj(RAW_DEFLATE)
        self._taken = 0
        self._given = 0

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Take packed bytes; the pieces that they become. Raises `BadZip`."""
        self._taken += len(packed)
        if self._stored:
            yield self._checked(packed)
            return
        while packed:
            try:
                piece = self._inflate.decompress(packed, PIECE_BYTES)
            except zlib.error:
                raise BadZip("This archive is damaged: a file in it cannot be unpacked.") from None
            packed = self._inflate.unconsumed_tail
            if piece:
                yield self._checked(piece)

    def end(self) -> None:
        """All packed bytes were fed: whether that was the whole file. Raises `BadZip`."""
        whole = self._stored or self._inflate.eof
        if not whole or self._given != self._member.size:
            raise BadZip("This archive is damaged: a file in it is not whole.")

    def _checked(self, piece: bytes) -> bytes:
        self._given += len(piece)
        if self._given > self._member.size:
            raise BadZip("This archive is damaged: a file in it is longer than it says.")
        if self._given > FREE_BYTES and self._given > MAX_RATIO * self._taken:
            raise BadZip("This archive unpacks to far more than it holds, so it is not read.")
        return piece
