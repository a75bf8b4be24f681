"""Server-sent events out of bytes that may be cut anywhere; see the HTML standard, 9.2.6."""

from __future__ import annotations

from collections.abc import Iterator

MAX_LINE_BYTES = 1_000_000
MAX_EVENT_BYTES = 2_000_000
_BOM = b"\xef\xbb\xbf"


class BadEventStream(Exception):
    """A line or an event is longer than any of an answer could be, or is no UTF-8."""


class EventStream:
    """Takes bytes, gives the data of each event that is complete. Comments and other fields are left out."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._begun = False

    def feed(self, received: bytes) -> Iterator[str]:
        """Take some bytes: the data of the events that they complete, one by one. Raises `BadEventStream`."""
        self._rest += received
        while (line := self._line(ended=False)) is not None:
            yield from self._take(line)
        if len(self._rest) > MAX_LINE_BYTES:
            raise BadEventStream

    def end(self) -> Iterator[str]:
        """Nothing more comes: the data of an event whose last line end is missing."""
        while (line := self._line(ended=True)) is not None:
            yield from self._take(line)
        yield from self._take(b"")

    def _line(self, *, ended: bool) -> bytes | None:
        """Take the next line out; a carriage return at the end may be half of a line end."""
        if not self._begun and (ended or len(self._rest) >= len(_BOM)):
            self._begun, self._rest = True, self._rest.removeprefix(_BOM)
        ends = [at for at in (self._rest.find(b"\n"), self._rest.find(b"\r")) if at >= 0]
        if not ends or not self._begun:
            line, self._rest = (self._rest or None, b"") if ended else (None, self._rest)
            return line
        at = min(ends)
        if self._rest[at:] == b"\r" and not ended:
            return None
        line, size = self._rest[:at], 2 if self._rest[at : at + 2] == b"\r\n" else 1
        self._rest = self._rest[at + size :]
        return line

    def _take(self, line: bytes) -> Iterator[str]:
        if line:
            name, _colon, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
                self._size += len(line)
            if self._size > MAX_EVENT_BYTES:
                raise BadEventStream
        elif self._data:
            data, self._size = b"\n".join(self._data), 0
            self._data.clear()
            try:
                yield data.decode()
            except UnicodeDecodeError:
                raise BadEventStream from None
