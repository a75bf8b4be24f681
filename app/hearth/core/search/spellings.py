"""Other spellings of what punctuation joins or marks: "well-known" as "wellknown", "v3.14" as "3.14", "C++" beside "c".

    in a text                   words that are indexed besides its own
    well-known, O'Leary's       wellknown, olearys
    get_user_id                 getuserid, userid
    v3.14.2-rc1                 3 14 2, in this order
    +49 30 901820, 1,000        4930901820, 30901820; 1000
    C++, .NET, #123             a word with the sign in it (see `SIGNS`)

A text's further words follow its folded form (`indexed`), so that its own words keep their places. What is typed is
looked for in its other spellings as well (`spellings_of`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hearth.core.search.normalize import fold, words_of

SIGN_LEAD = "\ue001"
"""Opens the word of a name with a sign, such as C++: a private character, which SQLite takes for a letter."""

SIGNS = str.maketrans({sign: chr(0xE002 + at) for at, sign in enumerate("+#.@$€£")})
"""Each sign as the private character that stands for it in such a word."""

_SIGNS_AGAIN = {ord(private): sign for sign, private in SIGNS.items()}

_JOINERS = "'._&#+\u00b7\u2010\u2013\u05be\u05f3\u05f4-"
JOINERS = re.escape(_JOINERS)
"""What stands between the parts of one word, as the inside of a character class."""

GAPS = " ().,/:\\-'"
"""What stands between the groups of one number, as the inside of a character class; at most three of them."""

MAX_PARTS = 6
MAX_JOINED = 48
MAX_GROUPS = 8
"""A longer row of numbers is a table, and no number that is written in groups."""

MIN_DIGITS, MAX_DIGITS = 7, 20
"""Digits of a number whose groups are joined: fewer are too many other numbers' beginning ("1.2.3" is not "123")."""

MIN_BEGUN = 5
"""Letters of joined parts that may go on: "att" is AT&T, and not the beginning of "attention"."""

MAX_WORD = 80
"""Characters of a word that is looked at: what is longer is no name."""

_BEFORE, _AFTER = "([{<\"'*_`~", ")]}>\"'*_`~.,;:!?"
_INNER = re.compile(f"[{JOINERS}/@$€£](?:(?=[^\\W_])|(?<=[^\\W_][+#]))")
"""A sign before a letter or digit, or behind one: only what stands around these is looked at."""
_CHAIN = re.compile(f"[^\\W_]+(?:[{JOINERS}][^\\W_]+)+")
_INDIC = re.compile("[\u0900-\u0dff]")
_INDIC_LETTER = "(?:[^\\W_]|[\u0900-\u0dff])"
_INDIC_CHAIN = re.compile(f"{_INDIC_LETTER}+(?:[{JOINERS}]{_INDIC_LETTER}+)+")
_JOINER = re.compile(f"[{JOINERS}]")
_SLASHED = re.compile("([^\\W_]{1,12})/([^\\W_]{1,12})")
_NUMBER = re.compile(f"[0-9](?<![\\w.].)[0-9]*(?:[{GAPS}]{{1,3}}[0-9]+)+(?!\\w)")
_GROUPED = re.compile(f"[0-9](?:[{GAPS}]{{1,3}})[0-9]")
_GAP = re.compile(f"[{GAPS}]+")
_SIGN = re.compile("[+#@$€£]")
_THOUSANDS = re.compile("[0-9]{1,3}(?:([,.' ])[0-9]{3})(?:\\1[0-9]{3})*")
_DOTTED = re.compile("(?:(?<=[^\\W\\d_])\\d+(?:\\.\\d+)+|(?<![\\w.])\\d+(?:\\.\\d+)+(?=[^\\W\\d_]))(?!\\.?\\d)")
_TAILED = re.compile("(?<![^\\W_])([^\\W_]{1,20})(\\+\\+|[+#](?![\\w+#]))")
_SHARP = re.compile("(?<![^\\W_])([^\\W\\d_])(#)(?=\\d)")
_HEADED = re.compile("([#@$€£])([^\\W_]{1,20})")
_DOT_FIRST = re.compile("(\\.)([^\\W\\d_][^\\W_]{0,19})")
_DOT_LAST = re.compile("(?<=[^\\W_])(\\.)([^\\W\\d_][^\\W_]{0,4})$")
"""A dot counts as a sign where it opens a word (.NET, .env) or the ending of a name (ASP.NET, report.pdf)."""

_OTHER_WORDS = frozenset(("hell", "id", "ill", "shed", "shell", "wed", "well", "were"))
"""Words of their own, which "she'll" and the like are not to be found by."""


def indexed(text: str) -> str:
    """A text as it is indexed: its folded form, and the other spellings of what is in it."""
    folded = fold(text)
    more = _others(folded)
    return " ".join((folded, *dict.fromkeys(more))) if more else folded


def has_others(folded: str) -> bool:
    """Whether anything in folded text may have another spelling."""
    return bool(_INNER.search(folded) or _GROUPED.search(folded))


def sign_of(word: str) -> str:
    """A word with a sign as it stands in folded text."""
    return word[len(SIGN_LEAD) :].translate(_SIGNS_AGAIN)


def _others(folded: str) -> list[str]:
    more: list[str] = []
    text = folded.replace("\n", " ")
    end, size = 0, len(text)
    found = _INNER.search(text)
    while found:
        at = found.start()
        low, high = max(end, at - MAX_WORD), min(size, at + MAX_WORD)
        start, end = text.rfind(" ", low, at), text.find(" ", at, high)
        start, end = low if start < 0 else start + 1, high if end < 0 else end
        more += _spelt(text[start:end].lstrip(_BEFORE).rstrip(_AFTER))
        found = _INNER.search(text, max(end, at + 1))
    if _GROUPED.search(text):
        for number in _NUMBER.findall(text):
            more += _ungrouped(number)
    return more


def _spelt(word: str) -> list[str]:
    chain = _CHAIN if word.isascii() or not _INDIC.search(word) else _INDIC_CHAIN
    spelt = [each for found in chain.findall(word) for each in _joined(_JOINER.split(found))]
    if "/" in word and (slashed := _SLASHED.fullmatch(word)):
        spelt.append(slashed[1] + slashed[2])
    if "." in word:
        if dot := _DOT_FIRST.match(word) or _DOT_LAST.search(word):
            spelt.append(SIGN_LEAD + dot[1].translate(SIGNS) + dot[2])
        spelt += [found.replace(".", " ") for found in _DOTTED.findall(word)]
    if _SIGN.search(word):
        named = [*_TAILED.findall(word), *_SHARP.findall(word), *_HEADED.findall(word)]
        spelt += [SIGN_LEAD + first.translate(SIGNS) + then.translate(SIGNS) for first, then in named]
    return spelt


def _joined(parts: Sequence[str]) -> list[str]:
    """The parts written as one word, from each of them on."""
    joined = []
    for at in range(len(parts) - 1):
        word = "".join(parts[at : at + MAX_PARTS])
        if len(word) > MAX_JOINED or word in _OTHER_WORDS or (at and len(word) < 3):
            continue
        if not (parts[at + 1][0].isdecimal() and parts[at].isdecimal()):
            joined.append(word)
    return joined


def _ungrouped(text: str) -> list[str]:
    """A number without its gaps, from each of its groups on."""
    if len(text) < MIN_DIGITS and not _THOUSANDS.fullmatch(text):
        return []
    groups = [group for group in _GAP.split(text.replace("(0)", " ")) if group]
    if len(groups) > MAX_GROUPS:
        return []
    numbers = ["".join(groups[at:]) for at in range(len(groups) - 1)]
    ungrouped = [number for number in numbers if MIN_DIGITS <= len(number) <= MAX_DIGITS]
    return [numbers[0], *ungrouped] if _THOUSANDS.fullmatch(text) else ungrouped


# --- what is typed ---

_STARTS_SIGNED = re.compile(f"[(\\[{{]*(?:{_HEADED.pattern}|{_DOT_FIRST.pattern})")
_WORD_AND_NUMBER = re.compile("([^\\W\\d_]{2,})(\\d+)")
_VERSION = re.compile("v\\d+")


def signs_of(folded: str) -> tuple[str, ...]:
    """The names with signs in what was typed, folded: a sign opens it, or follows a word."""
    signs = [found[1] + found[2].translate(SIGNS) for found in _TAILED.finditer(folded)]
    if head := _STARTS_SIGNED.match(folded):
        signs.append((head[1] or head[3]).translate(SIGNS) + (head[2] or head[4]))
    return tuple(SIGN_LEAD + sign for sign in signs)


def spellings_of(folded: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """What one typed word, folded, may be written as besides: phrases, with whether their last word may go on."""
    words = words_of(folded)
    if not words or (" " in folded.strip() and not folded.isascii()):
        return  # Scripts without spaces, and emoji.
    if all(map(str.isdecimal, words)):
        for number in _numbers(folded, words):
            yield (number,), len(number) >= MIN_DIGITS
        for date in _dates(folded, words):
            yield date, False
        return
    if len(words) == 1:
        if found := _WORD_AND_NUMBER.fullmatch(words[0]):
            yield (found[1], found[2]), True
        return
    if _VERSION.fullmatch(words[0]) and words[1].isdecimal():
        yield (words[0][1:], *words[1:]), True
    word = "".join(words)
    if len(words) <= MAX_PARTS and len(word) <= MAX_JOINED and word not in _OTHER_WORDS:
        yield (word,), len(word) >= MIN_BEGUN


def _numbers(folded: str, groups: Sequence[str]) -> Iterator[str]:
    """A typed number without gaps, and without the zeros that a country's code takes the place of."""
    digits = "".join(groups)
    address = len(groups) == 4 and folded.count(".") == 3
    long = MIN_DIGITS <= len(digits) <= MAX_DIGITS and not address
    if len(groups) > 1 and (long or _THOUSANDS.fullmatch(folded)):
        yield digits
    if long and digits[0] == "0" and len(digits.lstrip("0")) >= MIN_DIGITS:
        yield digits.lstrip("0")


def _dates(folded: str, groups: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A typed date in the other orders of its parts, months and days of one digit with a zero and without."""
    days: list[tuple[str, str, str]] = []
    if len(groups) == 3 and len(groups[0]) == 4:
        days.append((groups[0], groups[1], groups[2]))
    elif len(groups) == 3 and len(groups[2]) == 4:
        days.append((groups[2], groups[1], groups[0]))
        if "." not in folded:
            days.append((groups[2], groups[0], groups[1]))
    for year, month, day in days:
        if len(month) > 2 or len(day) > 2 or not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
            continue
        for width in (1, 2):
            m, d = (str(int(each)).zfill(width) for each in (month, day))
            for order in ((year, m, d), (d, m, year), (m, d, year)):
                if order != tuple(groups):
                    yield order
