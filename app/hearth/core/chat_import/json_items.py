"""The members of a large JSON array, one after the other: no more of the file is in memory than the one at hand.

Text comes in pieces. A member is tried as soon as there is enough of it; one that is not whole yet is tried again
when twice as much is there. What is nested deeper than any file of chats is refused before it is parsed: a parser that
is written in C has no room for it on a browser's stack, and would end Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

MAX_DEPTH: Final = 100
MAX_ITEM_CHARS: Final = 48 * 1024 * 1024
"""The longest member that is read: a chat of some 40,000 messages."""
FIRST_TRY_CHARS: Final = 1024

_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKET: Final = re.compile(r"[^\[\]{}]+")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NEAR_THE_END: Final = 12
"""So close to the end of what is here an error may be one of what is missing: a literal, a number, an escape."""


class BadJson(ValueError):
    """A file is not what it should be."""


class NotJson(BadJson):
    """It is no JSON text at all."""


class DamagedJson(BadJson):
    """It begins like one, and is broken, or ends too early."""


class TooDeep(BadJson):
    """It is nested deeper than any file of chats."""


class ItemTooLong(BadJson):
    """One of its members is longer than any chat."""


class _Place(Enum):
    START = 0
    SINGLE = 1
    """The one value that the file is."""
    FIRST = 2
    """Before the first member of the array, or its end."""
    MEMBER = 3
    BETWEEN = 4
    END = 5


_AFTER: Final = {
    (_Place.START, "\ufeff"): _Place.START,
    (_Place.START, "["): _Place.FIRST,
    (_Place.FIRST, "]"): _Place.END,
    (_Place.BETWEEN, "]"): _Place.END,
    (_Place.BETWEEN, ","): _Place.MEMBER,
}
"""Where a character between members leads."""


class JsonItems:
    """One file. `is_array` says, once something has come, whether members of an array are given or the one value."""

    def __init__(self, max_item_chars: int = MAX_ITEM_CHARS) -> None:
        self._max = max_item_chars
        self._text = ""
        self._at = 0
        self._place = _Place.START
        self._try_from = FIRST_TRY_CHARS
        self._decoder = json.JSONDecoder()
        self.is_array = False

    def feed(self, text: str) -> Iterator[Any]:
        """Take the next piece; the members that are whole with it. Raises `BadJson`."""
        self._text = self._text[self._at :] + text
        self._at = 0
        return self._members(final=False)

    def end(self) -> Iterator[Any]:
        """The file has ended: what was still to come. Raises `BadJson`."""
        yield from self._members(final=True)
        if self._place is not _Place.END:
            raise NotJson if self._place is _Place.START else DamagedJson

    def _members(self, *, final: bool) -> Iterator[Any]:
        if len(self._text) < self._try_from and not final:
            return
        if is_too_deep(self._text, MAX_DEPTH + (self._place is _Place.START)):
            raise TooDeep
        while self._step_to_member():
            found = self._member(final=final)
            if found is None:
                return
            yield found[0]

    def _step_to_member(self) -> bool:
        """Go on to where the next member begins; False where none does in what is here. Raises `BadJson`."""
        while (char := self._next_char()) is not None:
            if self._place in (_Place.MEMBER, _Place.SINGLE):
                return True
            if after := _AFTER.get((self._place, char)):
                self._place = after
                self._at += 1
                self.is_array = self.is_array or after is _Place.FIRST
            elif self._place is _Place.FIRST:
                self._place = _Place.MEMBER
            elif self._place is _Place.START and char == "{":
                self._place = _Place.SINGLE
            else:
                raise NotJson if self._place is _Place.START else DamagedJson
        return False

    def _next_char(self) -> str | None:
        """The next character that is no space; None where the text ends."""
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at] if self._at < len(self._text) else None

    def _member(self, *, final: bool) -> tuple[Any] | None:
        """The member that begins here, or None where it is not whole yet."""
        here = len(self._text) - self._at
        if here > self._max:
            raise ItemTooLong
        try:
            value, end = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            if final or self._is_broken(error):
                raise DamagedJson from None
            self._try_from = max(FIRST_TRY_CHARS, 2 * here)
            return None
        if end == len(self._text) and not final and not isinstance(value, dict | list):
            return None  # A number may go on.
        self._at = end
        self._try_from = FIRST_TRY_CHARS
        self._place = _Place.END if self._place is _Place.SINGLE else _Place.BETWEEN
        return (value,)

    def _is_broken(self, error: json.JSONDecodeError) -> bool:
        """Whether no text that may follow mends an error."""
        if error.msg.startswith("Unterminated string"):
            return False
        return error.pos < len(self._text) - _NEAR_THE_END


def is_too_deep(text: str, most: int = MAX_DEPTH) -> bool:
    """Whether brackets are nested deeper than `most` anywhere in text that begins outside of any string.

    Every step of it runs in C: strings go, then all but brackets, then the innermost pairs, level by level.
    """
    if text.count("[") + text.count("{") <= most:
        return False
    bare = _STRING.sub("", text).partition('"')[0]  # a string that does not end is the last thing here
    brackets = _NO_BRACKET.sub("", bare).replace("{", "[").replace("}", "]")
    for _ in range(most):
        shorter = brackets.replace("[]", "")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    depth = 0
    for each in brackets:
        depth += 1 if each == "[" else -1
        if depth > most:
            return True
    return "[]" in brackets
