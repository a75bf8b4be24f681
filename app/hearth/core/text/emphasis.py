"""Emphasis beside Chinese, Japanese and Korean text, as the CommonMark CJK-friendly Amendments define it.

CommonMark decides by the white space and punctuation around `**` whether it opens or closes; texts without spaces
between words need more. The specification is at https://github.com/tats-u/markdown-cjk-friendly (specification.md);
texts without CJK characters come out as CommonMark says.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline.state_inline import Scanned, StateInline

_HANGUL: Final = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF))

_SYMBOLS: Final = (0x231A, 0x2B55)
"""Among these, the wide characters have an emoji presentation, but for the ones below."""

_NOT_EMOJI: Final = frozenset((0x2329, 0x232A, *range(0x2630, 0x2638), *range(0x268A, 0x2690)))
_PICTURES: Final = (0x1F000, 0x1FAFF)
_SQUARED: Final = (0x1F200, 0x1F265)
_SQUARED_EMOJI: Final = frozenset(
    (0x1F201, 0x1F21A, 0x1F22F, *range(0x1F232, 0x1F237), *range(0x1F238, 0x1F23B), 0x1F250, 0x1F251)
)

_FULL_WIDTH_QUOTES: Final = frozenset(("\u2018\ufe01", "\u2019\ufe01", "\u201c\ufe01", "\u201d\ufe01"))
"""The standardized variation sequences for full-width forms of ambiguous punctuation."""


def _within(code: int, span: tuple[int, int]) -> bool:
    return span[0] <= code <= span[1]


def _is_emoji(code: int) -> bool:
    """Whether a wide character has a default emoji presentation (UTS #51)."""
    if _within(code, _SYMBOLS):
        return code not in _NOT_EMOJI
    if _within(code, _SQUARED):
        return code in _SQUARED_EMOJI
    return _within(code, _PICTURES)


def is_cjk(character: str) -> bool:
    """Whether it is a CJK character: wide, full-width or half-width and not an emoji, or Hangul."""
    code = ord(character)
    if code < 0x1100:
        return False
    if any(_within(code, span) for span in _HANGUL):
        return True
    return unicodedata.east_asian_width(character) in ("W", "F", "H") and not _is_emoji(code)


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


def _is_text_selector(character: str) -> bool:
    """Whether it is a variation selector other than the one for emoji."""
    return "\ufe00" <= character <= "\ufe0e"


class _Before:
    """What stands before a run of delimiters: a character, or one with a variation selector."""

    def __init__(self, source: str, start: int) -> None:
        last = source[start - 1] if start else " "
        base = source[start - 2] if start > 1 and _is_text_selector(last) else last
        full_width = base + last in _FULL_WIDTH_QUOTES
        self.white = isWhiteSpace(ord(base))
        self.punctuation = _is_punctuation(base)
        self.cjk = is_cjk(base) or full_width or "\U000e0100" <= last <= "\U000e01ef"
        self.other_punctuation = self.punctuation and not is_cjk(base) and not full_width


class CjkFriendlyState(StateInline):
    """The inline parser's state with CJK-friendly flanking rules; names of methods are markdown-it's."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        """Whether the run of delimiters at `start` can open and close, and how long it is."""
        marker, end = self.src[start], start
        while end < self.posMax and self.src[end] == marker:
            end += 1
        before = _Before(self.src, start)
        after = self.src[end] if end < self.posMax else " "
        white, punctuation, cjk = isWhiteSpace(ord(after)), _is_punctuation(after), is_cjk(after)
        other_punctuation = punctuation and not cjk
        left = not white and (not other_punctuation or before.white or before.other_punctuation or before.cjk)
        right = not before.white and (not before.other_punctuation or white or other_punctuation or cjk)
        opens = left and (canSplitWord or not right or before.punctuation)
        closes = right and (canSplitWord or not left or punctuation)
        return Scanned(opens, closes, end - start)
