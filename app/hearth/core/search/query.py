"""The query language: words, "phrases", -exclusions and filters such as `from:me`; nothing that is typed is an error.

    budget berlin      both words, each may go on: "berlin" finds "Berliner"
    "annual report"    these words next to each other
    -draft             without that word
    in:title …         see `FILTERS`

What is no filter, or one with a value that it does not know, is searched for as text; a hint says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from hearth.core.search.normalize import fold, whole, words_of
from hearth.core.search.spellings import signs_of, spellings_of

MAX_CHARS = 2_000
MAX_TERMS = 24
MAX_TERM_WORDS = 64


class Kind(StrEnum):
    """What can be found, in the order in which results are listed."""

    CHAT = "chat"
    SETTING = "setting"
    MEMORY = "memory"
    FILE = "file"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Variants:
    """What a term may be found as besides, or has to be found with."""

    also: tuple[Term, ...] = ()
    """Other spellings, any of which will do: "wellknown" for "well-known"."""
    signs: tuple[str, ...] = ()
    """Words with signs that have to be there as well: C++ rather than any "c"."""
    otherwise: Term | None = None
    """What is looked for when nothing has this."""
    literal: bool = False
    """Marked only where it is written in one piece."""


PLAIN = Variants()
LITERAL = Variants(literal=True)


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand next to each other, folded; the last one may go on when `prefix` is set."""

    words: tuple[str, ...]
    prefix: bool = True
    variants: Variants = PLAIN

    @property
    def text(self) -> str:
        """The words, joined by spaces."""
        return " ".join(self.words)

    @property
    def word(self) -> str:
        """The term as one word, if it can be written so, else nothing."""
        return next((each.words[0] for each in (self, *self.variants.also) if len(each.words) == 1), "")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for. Times are milliseconds since 1970: `after` is the first moment, `before` the one after."""

    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    """The kinds that are wanted; empty for all."""
    role: str = ""
    has_file: bool = False
    before: int | None = None
    after: int | None = None
    app: str = ""
    """Folded text that the app's name begins with."""
    hints: tuple[str, ...] = ()

    @property
    def loosened(self) -> Query:
        """The query with what is looked for otherwise in place of what asks for signs, or for a whole short word."""
        return replace(self, terms=tuple(term.variants.otherwise or term for term in self.terms))

    @property
    def asks(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.terms or self.without or self.filtered)

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return bool(
            self.kinds or self.role or self.has_file or self.app or self.before is not None or self.after is not None
        )

    def wants(self, kind: Kind) -> bool:
        """Whether things of a kind can be among the results."""
        if self.kinds and kind not in self.kinds:
            return False
        if self.app and kind is not Kind.MEMORY:
            return False
        if (self.role or self.has_file) and kind not in (Kind.MESSAGE, Kind.FILE):
            return False
        return not (kind in (Kind.SETTING, Kind.MEMORY) and (self.before is not None or self.after is not None))


FILTERS = (
    ("in:", "in:title", "only titles of chats; also in:messages, in:files, in:memories, in:settings"),
    ("from:", "from:me", "only what you wrote; also from:assistant"),
    ("has:", "has:file", "only messages with a file"),
    ("before:", "before:2026-05", "older than a year, month or day; also today, yesterday"),
    ("after:", "after:2026-05-17", "from a year, month or day on"),
    ("on:", "on:2026-05", "within a year, month or day"),
    ("app:", "app:Calendar", "only settings and memories of an app"),
)
"""Each filter's name, an example, and what it does."""

_SCOPES = {
    "title": {Kind.CHAT},
    "titles": {Kind.CHAT},
    "chat": {Kind.CHAT},
    "chats": {Kind.CHAT},
    "message": {Kind.MESSAGE},
    "messages": {Kind.MESSAGE},
    "file": {Kind.FILE},
    "files": {Kind.FILE},
    "memory": {Kind.MEMORY},
    "memories": {Kind.MEMORY},
    "apps": {Kind.MEMORY},
    "setting": {Kind.SETTING, Kind.MEMORY},
    "settings": {Kind.SETTING, Kind.MEMORY},
}
_ROLES = {"me": "user", "you": "user", "user": "user", "assistant": "assistant", "system": "system"}
_FILES = {"file", "files", "attachment", "attachments"}

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』〝〞＂", '"'))
_NUMBER = (
    r"(?<!\S)(?=[+(0])(?=(?:[+ ().\-/]*\d){7})(?!\d{1,2}[.\-/]\d{1,2}[.\-/]\d{2})"
    r"[+(]*\d[\d().\-/]*(?: +[\d().\-/]+)+(?!\S)"
)
"""A telephone number with spaces in it: one word to look for, and not one for each group."""
_PART = re.compile(
    rf"(?P<number>{_NUMBER})|"
    r'(?P<minus>[-−–](?=["\w]|[#@$€£]\w|\.[^\W\d_]))?(?:(?P<name>[A-Za-z]+):(?=\S))?'
    r'(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<plain>[^\s"]+))'
)
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?\Z")


def parse(text: str, now: datetime) -> Query:
    """Read what was typed; `now` is local time with its zone, in which days begin."""
    reader = _Reader(now)
    text = whole(text[:MAX_CHARS]).translate(_QUOTES)
    for found in _PART.finditer(text):
        reader.take(found)
    return reader.query()


class _Reader:
    """Collects the parts of a query one by one."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._terms: list[Term] = []
        self._without: list[Term] = []
        self._kinds: frozenset[Kind] = frozenset()
        self._values: dict[str, str] = {}
        self._file = False
        self._before: int | None = None
        self._after: int | None = None
        self._hints: list[str] = []

    def query(self) -> Query:
        return Query(
            terms=tuple(dict.fromkeys(self._terms)),
            without=tuple(dict.fromkeys(self._without)),
            kinds=self._kinds,
            role=self._values.get("role", ""),
            has_file=self._file,
            before=self._before,
            after=self._after,
            app=self._values.get("app", ""),
            hints=tuple(dict.fromkeys(self._hints)),
        )

    def take(self, found: re.Match[str]) -> None:
        """Take one part: a filter, a phrase, or a word."""
        name = (found["name"] or "").lower()
        quoted = found["quoted"]
        value = quoted if quoted is not None else found["plain"] or found["number"]
        if name and not found["minus"]:
            problem = self._filter(name, value)
            if problem is None:
                return
            if problem:
                self._hints.append(problem)
        if found["name"]:
            value = f"{found['name']}:{value}"
        folded = fold(value)
        if not words_of(folded) or len(self._terms) + len(self._without) >= MAX_TERMS:
            return
        # A phrase that is still open is still being typed: its last word may go on.
        closed = quoted is not None and found["end"] == '"'
        term = _term(folded, prefix=not closed and not found["minus"], spelt=quoted is None)
        (self._without if found["minus"] else self._terms).append(term)

    def _filter(self, name: str, value: str) -> str | None:
        """Set a filter: None when it is set, else a hint (empty where nothing needs to be said)."""
        lower = value.lower().rstrip(",;")
        match name:
            case "in":
                if lower not in _SCOPES:
                    return "in: takes title, messages, files, memories or settings."
                self._kinds |= _SCOPES[lower]
            case "from":
                if lower not in _ROLES:
                    return "from: takes me or assistant."
                self._values["role"] = _ROLES[lower]
            case "has":
                if lower not in _FILES:
                    return "has: takes file."
                self._file = True
            case "app":
                self._values["app"] = fold(value).strip()
            case "before" | "after" | "on" | "since" | "during":
                return self._date(name, lower)
            case _:
                return ""
        return None

    def _date(self, name: str, value: str) -> str | None:
        span = span_of(value, self._now)
        if span is None:
            return f"{name}: takes a date such as 2026, 2026-05 or 2026-05-17, today or yesterday."
        start, end = (_moment(day, self._now.tzinfo) for day in span)
        if name == "before":
            self._before = start if self._before is None else min(start, self._before)
        elif name in ("after", "since"):
            self._after = start if self._after is None else max(start, self._after)
        else:
            self._after, self._before = start, end
        return None


def _term(folded: str, prefix: bool, spelt: bool) -> Term:
    """What was typed, folded, as a term; with its other spellings when `spelt` allows them."""
    words = words_of(folded)[:MAX_TERM_WORDS]
    spellings = dict.fromkeys(spellings_of(folded)) if spelt else ()
    also = tuple(Term(each, prefix and may_go_on) for each, may_go_on in spellings)
    signs = signs_of(folded)
    # "at&t" is not the beginning of "at the", unless there is nothing else.
    short = spelt and len(words) > 1 and len(words[-1]) == 1 and words[-1].isascii() and words[-1].isalpha()
    if not (also or signs or short):
        return Term(words, prefix)
    if not prefix or not (signs or short):
        return Term(words, prefix, Variants(also, signs))
    otherwise = Term(words, short or len(words[-1]) > 1, Variants(also))
    return Term(words, not short, Variants(also, signs, otherwise))


def span_of(value: str, now: datetime) -> tuple[date, date] | None:
    """The first day of a span that a person names, and the day after its last."""
    today = now.date()
    if value in ("today", "yesterday"):
        day = today if value == "today" else today - timedelta(days=1)
        return day, day + timedelta(days=1)
    found = _DATE.match(value)
    if found is None:
        return None
    year, month, day_number = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        start = date(year, month, day_number)
        if found[3]:
            return start, start + timedelta(days=1)
        if found[2]:
            return start, date(year + month // 12, month % 12 + 1, 1)
        return start, date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None


def _moment(day: date, zone: tzinfo | None) -> int:
    try:
        return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
