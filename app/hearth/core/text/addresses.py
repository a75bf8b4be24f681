"""Finds the bare http(s) addresses in a text, and where each of them ends.

The rules are those of linkify-it and of the autolinks of GitHub Flavored Markdown: brackets belong to an address
when they are balanced in it, the punctuation of the sentence around it does not. Beyond those, full-width punctuation
ends an address, and so does what closes the emphasis or the quotation that was opened just before it.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import Final, NamedTuple

_FULL_WIDTH_BLOCKS: Final = ((0x3000, 0x3100), (0xFE10, 0xFE70), (0xFF00, 0xFFF0))
_IN_JAPANESE_WORDS: Final = "\u30a0\u30fb\uff65"


def _is_full_width_punctuation(character: str) -> bool:
    kind = unicodedata.category(character)
    wide = unicodedata.east_asian_width(character) in ("F", "W", "H")
    return wide and (kind[0] == "P" or kind in ("Sc", "Sk", "Sm")) and character not in _IN_JAPANESE_WORDS


FULL_WIDTH_PUNCTUATION: Final = "".join(
    character
    for start, end in _FULL_WIDTH_BLOCKS
    for character in map(chr, range(start, end))
    if _is_full_width_punctuation(character)
)

_NEVER: Final = (
    r"\s\x00-\x1f\x7f-\x9f<>\"`\ud800-\udfff"
    r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, or changes the direction
    r"\u2014\u2015\u2026\u201c-\u201f\u00ab\u00bb\u2039\u203a" + re.escape(FULL_WIDTH_PUNCTUATION)
)
"""What no address holds unescaped: white space, quotation marks, long dashes and dots, full-width punctuation."""

_SCHEME: Final = re.compile(r"(?<![0-9A-Za-z\\])(?<![!-~]:)https?://(?!/)", re.IGNORECASE)
_PLAIN: Final = re.compile(rf"[^{_NEVER}\\&'*~,;()\[\]{{}}]+")
_ALLOWED: Final = re.compile(f"[^{_NEVER}]+")
_ENTITY: Final = re.compile(r"&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_DELIMITERS: Final = re.compile(r"\*+|~+")
_NEXT_ADDRESS: Final = re.compile(r"[,;]https?://", re.IGNORECASE)

_MAX_OPEN: Final = 8
"""Brackets open at a time; no text is then read more often than that, whatever addresses begin in it."""

_CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}
_SENTENCE: Final = frozenset(".,;:!?*_~'|\u2019\u060c\u061b\u061f\u06d4\u0964\u0965")
"""What stands at the end of an address belongs to the sentence (Arabic and Hindi ones, too)."""

_PAIRED: Final = re.compile(r"(?<![0-9A-Za-z*_~])(\*{1,3}|_{1,3}|~~)(?![*_~])[^\s]*(?<![*_~])\1$")
_PAIRED_WITHIN: Final = 80


class Address(NamedTuple):
    """A bare address: its place in the text, and where it leads."""

    start: int
    end: int
    url: str


def find_address(text: str, start: int = 0) -> Address | None:
    """The first address at `start` or after it."""
    while scheme := _SCHEME.search(text, start):
        if found := read_address(text, scheme.start(), len(text)):
            return found
        start = scheme.end()
    return None


def read_address(text: str, start: int, limit: int, markdown: bool = False) -> Address | None:
    """The address whose scheme begins at `start`, if one does; it ends before `limit`.

    In Markdown, escapes and entities are read, and what closes emphasis ends it.
    """
    scheme = _SCHEME.match(text, start, limit)
    if scheme is None:
        return None
    end = _Reader(text, start, limit, markdown).end(scheme.end())
    end = _trimmed(text, scheme.end(), end, text[start - 1] if start else "", markdown)
    if end == scheme.end():
        return None
    url = text[start:end]
    return Address(start, end, unescape_address(url) if markdown else url)


def unescape_address(text: str) -> str:
    """The address that Markdown's escapes and entities stand for."""
    return _ENTITY.sub(lambda each: unescape(each[0]), _ESCAPE.sub(r"\1", text))


class _Reader:
    """Walks over one address, and stops at what does not belong to it."""

    def __init__(self, text: str, start: int, limit: int, markdown: bool) -> None:
        self._text = text
        self._limit = limit
        self._markdown = markdown
        self._before = text[start - 1] if start else ""
        self._opened = text[len(text[max(start - 4, 0) : start].rstrip(self._before)) + max(start - 4, 0) : start]
        self._open: list[tuple[str, int]] = []

    def end(self, at: int) -> int:
        """Where the address ends that has been read as far as `at`; at the first bracket that nothing closes."""
        while at < self._limit:
            plain = _PLAIN.match(self._text, at, self._limit)
            after = plain.end() if plain else at + self._step(at)
            if after == at:
                break
            at = after
        return self._open[0][1] if self._open else at

    def _step(self, at: int) -> int:
        """How many characters of the address begin with the special one at `at`; none when it ends there."""
        character = self._text[at]
        if character in "([{":
            self._open.append((_CLOSERS[character], at))
            return int(len(self._open) <= _MAX_OPEN)
        if character in ")]}":
            return self._close(character)
        if character in "*~":
            return self._delimiters(at)
        if character in ",;":
            return int(_NEXT_ADDRESS.match(self._text, at, self._limit) is None)
        if character == "'":
            return int(self._before != "'" and self._text[at + 1 : at + 2].isalnum())
        if character == "&":
            return self._entity(at)
        if character == "\\" and self._markdown:
            return 2 if _ESCAPE.match(self._text, at, self._limit) else 0
        return 0

    def _close(self, character: str) -> int:
        if not self._open or self._open[-1][0] != character:
            return 0
        self._open.pop()
        return 1

    def _delimiters(self, at: int) -> int:
        run = _DELIMITERS.match(self._text, at, self._limit)
        if run is None or not self._markdown or run[0] == "~":
            return 1
        after = self._text[run.end() : run.end() + 1]
        closes = not after or after.isspace() or not after.isascii() or after in ".,;:!?)]}'"
        opened = self._opened == run[0]
        wide = bool(after) and not after.isascii()
        return 0 if (opened and closes) or (len(run[0]) > 1 and wide) else len(run[0])

    def _entity(self, at: int) -> int:
        entity = _ENTITY.match(self._text, at, self._limit) if self._markdown else None
        if entity is None:
            return 1
        return len(entity[0]) if _ALLOWED.fullmatch(unescape(entity[0])) else 0


def _trimmed(text: str, start: int, end: int, before: str, markdown: bool) -> int:
    """The end without the punctuation of the sentence; never before `start`."""
    while end > start:
        last = text[end - 1]
        if last not in _SENTENCE or (last != before and _is_paired(text, start, end)):
            break
        entity = text.rfind("&", max(start, end - 34), end) if markdown and last == ";" else -1
        end = entity if entity >= 0 and _ENTITY.fullmatch(text, entity, end) else end - 1
        if markdown and text[end - 1] == "\\":
            end -= 1
    return end


def _is_paired(text: str, start: int, end: int) -> bool:
    """Whether the marks at the end of an address were opened in it: `?q=*soup*`, `/__init__`."""
    if text.count(text[end - 1], start, end) % 2:
        return False
    return _PAIRED.search(text, max(start, end - _PAIRED_WITHIN), end) is not None
