"""Folds text to what is compared: case, diacritics, widths and ligatures go.

Each letter of a script without spaces becomes a word of its own, and so does each emoji.
The index holds folded text, the query is folded alike, so both sides agree whatever tables SQLite was built with.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

EMOJI_LEAD = "\ue000"
"""Opens the token of a symbol: a private character that SQLite's tokenizer takes for a letter (category Co). The
symbols themselves are none, and its tables, of Unicode 6.1, do not know the younger ones at all."""

_SPECIAL = str.maketrans(
    {
        "ı": "i",
        "ł": "l",
        "Ł": "l",
        "ø": "o",
        "Ø": "o",
        "đ": "d",
        "Đ": "d",
        "ð": "d",
        "Ð": "d",
        "ħ": "h",
        "Ħ": "h",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "þ": "th",
        "Þ": "th",
        "ة": "ه",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ٱ": "ا",
        "’": "'",
        "‘": "'",
        "′": "'",
        "ʼ": "'",
    }
)
"""Letters that people type one for another and that Unicode does not decompose."""

_DROPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f"
    "\ufe20-\ufe2f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+"
)
"""Accents, vowel points, variation selectors, and what is not seen at all. Indic vowel signs are not among them:
there they are what tells words apart."""

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana and Han, as the inside of a character class: written without spaces."""

SYMBOLS = "\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
"""Emoji and their older relations, as the inside of a character class."""

_APART = re.compile(f"[{UNSPACED}]|[{SYMBOLS}]")
_WORD = re.compile(f"[{UNSPACED}]|[^\\W_\u0300\ue000](?:[^\\W_]|[\u0900-\u0dff])*|\ue000[0-9a-f]+")
_HAS_APART = re.compile(f"[{UNSPACED}{SYMBOLS}]")


_SURROGATE = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """Text without halves of characters, which no database takes."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def fold(text: str) -> str:
    """The folded form of a text; it may be longer or shorter than the text."""
    if text.isascii():
        return text.lower()
    folded = _letters(text)
    return _APART.sub(_apart, folded) if _HAS_APART.search(folded) else folded


def words_of(folded: str) -> tuple[str, ...]:
    """The tokens of folded text, as the index has them."""
    return tuple(_WORD.findall(folded))


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).translate(_SPECIAL)
    return unicodedata.normalize("NFC", _DROPPED.sub("", folded).casefold())


def _apart(found: re.Match[str]) -> str:
    character = found[0]
    if character < "\u2190" or "\u2c00" <= character < "\U0001f000" or character > "\U0001faff":
        return f" {character} "
    return f" {EMOJI_LEAD}{ord(character):x} "


@cache
def _fold_cluster(cluster: str) -> str:
    return cluster.lower() if cluster.isascii() else _letters(cluster)


_CLUSTER = re.compile(".[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f]*", re.DOTALL)


def fold_with_places(text: str) -> tuple[str, list[int] | None]:
    """Folded text in which nothing is set apart, and for each of its characters where it comes from in `text`.

    None in place of the list says that both run in step.
    """
    if text.isascii():
        return text.lower(), None
    folded: list[str] = []
    places: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        piece = _fold_cluster(cluster[0])
        folded.append(piece)
        places.extend([cluster.start()] * len(piece))
    return "".join(folded), places
