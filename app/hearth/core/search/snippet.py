"""Snippets: the part of a text in which what was looked for stands closest, with those places marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from hearth.core.search.normalize import EMOJI_LEAD, SYMBOLS, UNSPACED, fold_with_places
from hearth.core.search.query import Term
from hearth.core.search.spellings import GAPS, JOINERS, has_others, sign_of

Piece = tuple[str, bool]
"""Text, and whether it is what was looked for."""

WIDTH = 160
LEAD = 48
"""Characters of a snippet, and how many of them stand before the first place."""

MAX_SCANNED = 60_000
"""Characters of a text that are looked through: a longer one is shown from its beginning, unmarked."""

_CHUNK = 6_000
_APART = re.compile(f"[{UNSPACED}{SYMBOLS}]")


_END = r"(?![^\W_])"
_NOT_AFTER_LETTER, _NOT_AFTER_DIGIT, _ANYWHERE = r"(?<![^\W_])", r"(?<!\d)", ""
_JOIN, _GAP = f"[{JOINERS}]?", f"[{GAPS}]{{0,3}}"


@lru_cache(maxsize=64)
def _pattern(terms: tuple[Term, ...], loose: bool) -> re.Pattern[str] | None:
    """What any of the terms looks like in text folded by `fold_with_places`; `loose` where words may be joined."""
    by_start: dict[str, set[str]] = {}
    for term in terms:
        for start, shape in _shapes(term, loose):
            by_start.setdefault(start, set()).add(shape)
    # What starts alike is tried together: at most places it is only this that has to be looked at.
    groups = [f"{start}(?:{'|'.join(sorted(each, key=len, reverse=True))})" for start, each in by_start.items()]
    return re.compile("|".join(groups)) if groups else None


def _shapes(term: Term, loose: bool) -> Iterator[tuple[str, str]]:
    """Where the term may begin, and what it looks like from there: each of its spellings, and its signs."""
    signs = term.variants.signs
    for sign in signs:
        text = sign_of(sign)
        open_end = term.prefix or not text[-1].isalnum()
        yield _NOT_AFTER_LETTER if text[0].isalnum() else _ANYWHERE, re.escape(text) + ("" if open_end else _END)
    if signs and len(term.words) == 1:
        return
    for each in (term, *term.variants.also):
        if each.words:
            yield _shape(each, loose and not term.variants.literal)


def _shape(term: Term, loose: bool) -> tuple[str, str]:
    words = [_plain(word) for word in term.words]
    shape = ""
    for at, word in enumerate(words):
        if at:
            shape += r"[\W_]*" if _APART.match(word) or _APART.match(words[at - 1]) else r"[\W_]+"
        shape += _loose(word) if loose and len(words) == 1 else re.escape(word)
    end = "" if term.prefix or _APART.match(words[-1]) else _END
    if _APART.match(words[0]):
        return _ANYWHERE, shape + end
    # "3.14" is found in "v3.14".
    return _NOT_AFTER_DIGIT if len(words) > 1 and words[0].isdecimal() else _NOT_AFTER_LETTER, shape + end


def _loose(word: str) -> str:
    """A word as it may be written: with something between its letters, a number with gaps between its digits."""
    return (_GAP if word.isdecimal() else _JOIN).join(map(re.escape, word))


def _plain(word: str) -> str:
    """A token as it stands in the text: a symbol's is its number."""
    return chr(int(word[1:], 16)) if word.startswith(EMOJI_LEAD) else word


def places(text: str, terms: Iterable[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in a text, in order; of a long text only in the chunk that has the first place."""
    wanted = tuple(terms)
    for start in range(0, min(len(text), MAX_SCANNED), _CHUNK - 200):
        part = text[start : start + _CHUNK]
        folded, origin = fold_with_places(part)
        pattern = _pattern(wanted, has_others(folded))
        if pattern is None:
            return []
        found = [match.span() for match in pattern.finditer(folded)]
        if found:
            if origin is None:
                return [(start + low, start + high) for low, high in found]
            origin.append(len(part))
            return [(start + origin[low], start + _end(origin, high)) for low, high in found]
    return []


def _end(origin: list[int], high: int) -> int:
    """The end, in the text, of what ends before `high` in the folded text: past marks that fold to nothing."""
    last = origin[high - 1]
    while high < len(origin) and origin[high] == last:
        high += 1
    return origin[high] if high < len(origin) else last + 1


def snippet(text: str, terms: Iterable[Term], width: int = WIDTH) -> tuple[Piece, ...]:
    """About `width` characters of a text around the first place of the terms, white space folded."""
    found = places(text, terms)
    start = max(0, found[0][0] - LEAD) if found else 0
    if start:
        # Not in the middle of a word.
        space = text.find(" ", start, found[0][0])
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + width)
    if end < len(text):
        space = text.rfind(" ", start + width // 2, end)
        end = space if space > 0 and (not found or space >= found[0][1]) else end
    pieces: list[Piece] = []
    at = start
    for low, high in found:
        if high > end:
            break
        pieces += [(text[at:low], False), (text[low:high], True)]
        at = high
    pieces.append((text[at:end], False))
    return _tidy(pieces, start > 0, end < len(text))


_SPACE = re.compile(r"\s+")
_SYNTAX = re.compile(r"[*`|~]+|(?<=\W)_+|_+(?=\W)|^_+$|^[ \t]*(?:#{1,6}|>+)(?=\s|$)", re.MULTILINE)
"""Markdown's signs where they are no part of a name: C#, #123 and user_id keep theirs."""


def _tidy(pieces: list[Piece], cut_before: bool, cut_after: bool) -> tuple[Piece, ...]:
    """Fold white space and Markdown's signs, put dots where the text was cut, leave out what is empty."""
    tidy = [(_SPACE.sub(" ", text if hit else _SYNTAX.sub(" ", text)), hit) for text, hit in pieces]
    if cut_before:
        tidy.insert(0, ("… ", False))
    if cut_after:
        tidy.append((" …", False))
    kept: list[Piece] = []
    for text, hit in tidy:
        after_space = not kept or kept[-1][0].endswith(" ")
        piece = text.lstrip(" ") if after_space else text
        if piece and kept and kept[-1][1] == hit:
            kept[-1] = (kept[-1][0] + piece, hit)
        elif piece:
            kept.append((piece, hit))
    return tuple(kept)


def marked(text: str, terms: Iterable[Term]) -> tuple[Piece, ...]:
    """A short text as a whole, with the places of the terms marked."""
    pieces: list[Piece] = []
    at = 0
    for low, high in places(text, terms):
        pieces += [(text[at:low], False), (text[low:high], True)]
        at = high
    pieces.append((text[at:], False))
    return tuple((piece, hit) for piece, hit in pieces if piece)
