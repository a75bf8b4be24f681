"""Characters by their Unicode properties: what ends a line, what is seen, what disguises a text."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LINE_END: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
"""Every line boundary of Unicode (UAX #14: BK, CR, NL) but the line feed itself."""

_INVISIBLE: Final = (
    r"\s\x00-\x1f\x7f-\x9f"  # white space and controls
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
"""Characters that draw nothing by themselves: Default_Ignorable_Code_Point, white space, and the empty Braille cell."""

_VISIBLE: Final = re.compile(f"[^{_INVISIBLE}]")
_INVISIBLE_ENDS: Final = re.compile(f"^[{_INVISIBLE}]+|[{_INVISIBLE}]+$")

_HARMFUL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # controls: C0, DEL, C1
    "\ud800-\udfff"  # lone surrogates, which are no characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # Bidi_Control: marks, embeddings, overrides, isolates
)

_ENDS: Final = " \u00ad\u180e\u200b\u2060\ufeff"

_CLUSTER: Final = 32
"""The most characters that are dropped so as not to cut through what is drawn as one."""


def with_plain_line_ends(text: str) -> str:
    """Text whose lines all end in a line feed."""
    return _LINE_END.sub("\n", text)


def is_blank(text: str) -> bool:
    """Whether nothing of a text would be seen."""
    return _VISIBLE.search(text) is None


def trimmed(text: str) -> str:
    """Text without what is not seen at its ends: white space, and what comes along when something is copied."""
    return _INVISIBLE_ENDS.sub("", text)


def one_line(text: str, limit: int = 200) -> str:
    """Text fit for one line: white space folded, what is harmful left out, cut at a limit; empty when nothing is seen.

    Harmful are controls and what changes the direction of text, which could make a title read as something else
    (CVE-2021-42574). Everything else stays: joiners, variation selectors and tags, which emoji and Persian words are
    made of, and characters that are newer than Python's tables.
    """
    head = " ".join(text[: 8 * limit].split())
    kept = " ".join(_HARMFUL.sub("", head).split()).strip(_ENDS)
    if is_blank(kept):
        return ""
    return kept if len(kept) <= limit else kept[: _boundary(kept, limit - 1)].rstrip() + "…"


def _boundary(text: str, end: int) -> int:
    """Where to cut at `end` at the latest without cutting through a flag, a joined emoji or a letter's accents."""
    for at in range(end, max(end - _CLUSTER, 0), -1):
        if not _continues(text, at):
            return at
    return end


def _continues(text: str, at: int) -> bool:
    """Whether the character there belongs to the one before it (a short form of UAX #29's extended clusters)."""
    here, before = text[at], text[at - 1]
    if here in "\u200c\u200d" or before == "\u200d" or unicodedata.combining(here):
        return True
    if unicodedata.category(here) in ("Mn", "Me", "Mc") or "\U0001f3fb" <= here <= "\U0001f3ff":
        return True
    if "\U000e0020" <= here <= "\U000e007f":
        return True
    return _is_regional(here) and _regionals_before(text, at) % 2 == 1


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _regionals_before(text: str, at: int) -> int:
    count = 0
    while count < at and count < _CLUSTER and _is_regional(text[at - 1 - count]):
        count += 1
    return count
