"""Words of the index that a typed word may stand for: those that contain it, and those one or two slips away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hearth.core.search.normalize import EMOJI_LEAD
from hearth.core.search.spellings import SIGN_LEAD

MIN_INSIDE = 3
"""Characters that a part of a word must have to be looked for inside of words."""

MIN_INSIDE_OTHERS = 2
"""The same for scripts in which a letter says more, such as Hangul."""

MAX_WORD = 64
MAX_INSIDE = 48
MAX_NEAR = 8


def may_be_inside(part: str) -> bool:
    """Whether a part of a word is long enough to be looked for inside of words."""
    return len(part) >= (MIN_INSIDE if part.isascii() else MIN_INSIDE_OTHERS)


def slips_allowed(word: str) -> int:
    """How many slips a word may hold: none in a short one, where every slip makes another word."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


class Vocabulary:
    """The words of one slice as one text, a line each: what a search of text finds in it takes microseconds."""

    def __init__(self) -> None:
        self._text = "\n"

    def add(self, words: Iterable[str]) -> None:
        """Take words in; one that is there already does no harm."""
        kept = [word for word in words if not word.startswith((EMOJI_LEAD, SIGN_LEAD)) and len(word) < MAX_WORD]
        self._text += "\n".join([*kept, ""])

    def __contains__(self, word: str) -> bool:
        return f"\n{word}\n" in self._text

    def has_prefix(self, start: str) -> bool:
        """Whether some word begins so."""
        return f"\n{start}" in self._text

    def containing(self, part: str, limit: int = MAX_INSIDE) -> list[str]:
        """Words with `part` inside, the shortest first."""
        return sorted(set(self._lines(part)), key=lambda word: (len(word), word))[:limit]

    def near(self, word: str, limit: int = MAX_NEAR) -> list[tuple[int, str]]:
        """Words that differ by the slips that are allowed, each with their number, the nearest first.

        With n slips one of n + 1 parts of the word is whole: the words that share the first part, or the last,
        are compared (FastSS, Bocek et al. 2007, narrowed to the outer parts).
        """
        most = slips_allowed(word)
        if not most:
            return []
        size = max(2, len(word) // (most + 1))
        candidates = {*self._lines("\n" + word[:size]), *self._lines(word[-size:] + "\n")}
        found = []
        for other in candidates:
            if abs(len(other) - len(word)) <= most and other != word:
                slips = distance(word, other, most)
                if slips <= most:
                    found.append((slips, other))
        return sorted(found)[:limit]

    def _lines(self, part: str) -> Iterator[str]:
        """The words of which a piece of the text is a part."""
        text, at = self._text, self._text.find(part)
        while at >= 0:
            inside = at + (part[0] == "\n")
            start, end = text.rfind("\n", 0, inside) + 1, text.find("\n", inside)
            yield text[start:end]
            at = text.find(part, end)


def distance(left: str, right: str, most: int) -> int:
    """Slips between two words: letters put in, left out, exchanged, or two neighbours swapped.

    The restricted Damerau-Levenshtein distance; `most + 1` when it is larger than `most`.
    """
    if left == right:
        return 0
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, 1):
        before_that, before = before, row
        row = [at]
        for to, other in enumerate(right, 1):
            cost = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == right[to - 2] and left[at - 2] == other:
                cost = min(cost, before_that[to - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def respelt(word: str) -> list[str]:
    """The same word with umlauts written out, or not: "muenchen" for "munchen" (as "München" is folded)."""
    spelt = word
    for digraph, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        spelt = spelt.replace(digraph, letter)
    return [spelt] if spelt != word else []
