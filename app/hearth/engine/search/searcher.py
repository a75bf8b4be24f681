"""Answers a query from the index, shard by shard, giving way between them so that the next keystroke is heard.

What is looked for, until there is something to show: documents with all the words; words that contain what was
typed; words spelt alike; documents with some of the words.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from hearth.core.search.documents import Doc
from hearth.core.search.fts_query import any_of, expression
from hearth.core.search.fuzzy import may_be_inside, respelt
from hearth.core.search.query import LITERAL, Kind, Query, Term
from hearth.core.search.results import Found
from hearth.engine.search.index import Index, Part
from hearth.engine.search.shard import Hit

SHOWN = {Kind.CHAT: 6, Kind.MEMORY: 6, Kind.FILE: 6, Kind.MESSAGE: 24}
"""How many results of each kind are shown at first."""

FEW = 5
"""With fewer results than this, words that contain what was typed are looked for as well."""

STEP_S = 0.006
"""How long a search goes on before it gives way: with the longest piece that may follow less than a frame of 60 a
second."""

FIRST_S = 0.04
"""What the newest shards have is shown when the others take longer than this."""

TELL_S = 0.2
"""How long after that until what was found so far is shown again."""

Meanings = Callable[[Part], Sequence[Sequence[Term]] | None]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, best first; `marks` are the terms to be marked in it."""

    docs: tuple[Doc, ...] = ()
    more: frozenset[Kind] = frozenset()
    marks: tuple[Term, ...] = ()
    found: Found = Found.EXACTLY
    instead: str = ""


@dataclass(frozen=True, slots=True)
class _Match:
    """A hit with the shard that it lies in."""

    hit: Hit
    part: Part


class Searcher:
    """Searches an index; `monotonic` tells when to give way."""

    def __init__(
        self, index: Index, monotonic: Clock, yield_control: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
    ) -> None:
        self._index = index
        self._monotonic = monotonic
        self._yield_control = yield_control
        self._since = 0.0
        self._tell_at = inf
        self._so_far: Callable[[Answer], None] | None = None

    async def answer(
        self, query: Query, now: datetime, times: int = 1, so_far: Callable[[Answer], None] | None = None
    ) -> Answer:
        """Answer a query; `times` as many results of each kind as are shown at first.

        While that takes long, `so_far` hears what was found in the shards that were asked by then, the newest first.
        """
        self._since = self._monotonic()
        self._tell_at = self._since + FIRST_S if so_far else inf
        self._so_far = so_far
        moment = int(now.timestamp() * 1000)
        limits = {kind: count * times for kind, count in SHOWN.items() if query.wants(kind)}
        matches = await self._matches(query, lambda _part: None, moment, limits)
        self._tell_at = inf
        marks, found, instead = list(query.terms), Found.EXACTLY, ""
        if not _count(matches) and query.loosened != query:
            signed = any(term.variants.signs for term in query.terms)
            query = query.loosened
            matches = await self._matches(query, lambda _part: None, moment, limits)
            marks += query.terms
            if signed and _count(matches):
                found, instead = Found.NEARLY, " ".join(term.text for term in query.terms)
        if query.terms and _count(matches) < FEW:
            meant = _Inside(query)
            if meant.possible:
                await self._list_words()
                inside = await self._matches(query, meant, moment, limits)
                found = found if _count(matches) else Found.INSIDE
                matches = _joined(matches, inside)
                marks += meant.met
        if query.terms and not _count(matches):
            near = _Nearly(query)
            await self._list_words()
            matches = await self._matches(query, near, moment, limits)
            marks += near.met
            found, instead = Found.NEARLY, near.instead()
        if len(query.terms) > 1 and not _count(matches):
            matches = await self._matches(query, lambda _part: [query.terms], moment, limits)
            found, instead = Found.PARTLY, ""
        return await self._answer(matches, limits, tuple(dict.fromkeys(marks)), found, instead)

    async def _matches(
        self, query: Query, meanings: Meanings, now: int, limits: dict[Kind, int]
    ) -> dict[Kind, list[_Match]]:
        found: dict[Kind, list[_Match]] = {kind: [] for kind in limits}
        for part in list(self._index.all_parts()):
            for kind, limit in limits.items():
                if kind in _kinds_of(self._index, part):
                    hits = _ask(part, query, meanings, kind, now, limit + 1)
                    found[kind].extend(_Match(hit, part) for hit in hits)
                    await self._breathe()
            if self._monotonic() >= self._tell_at and any(found.values()):
                await self._tell(query, _best(found, limits), limits)
        return _best(found, limits)

    async def _tell(self, query: Query, matches: dict[Kind, list[_Match]], limits: dict[Kind, int]) -> None:
        """Say what was found so far."""
        answer = await self._answer(matches, limits, query.terms, Found.EXACTLY, "")
        if self._so_far:
            self._so_far(answer)
        self._tell_at = self._monotonic() + TELL_S

    async def _list_words(self) -> None:
        """Have the words of every shard listed: a search for parts of words, and for alike ones, goes through them."""
        for part in list(self._index.all_parts()):
            while part.prepare():
                await self._breathe()

    async def _answer(
        self,
        matches: dict[Kind, list[_Match]],
        limits: dict[Kind, int],
        marks: tuple[Term, ...],
        found: Found,
        instead: str,
    ) -> Answer:
        docs: list[Doc] = []
        for kind, each in matches.items():
            found_docs = (match.part.slice.doc(match.hit.number) for match in each[: limits[kind]])
            docs += [doc for doc in found_docs if doc]
            await self._breathe()
        more = frozenset(kind for kind, each in matches.items() if len(each) > limits[kind])
        return Answer(tuple(docs), more, marks, found, instead)

    async def _breathe(self) -> None:
        if self._monotonic() - self._since >= STEP_S:
            await self._yield_control()
            self._since = self._monotonic()


def _kinds_of(index: Index, part: Part) -> tuple[Kind, ...]:
    if part is index.titles:
        return (Kind.CHAT,)
    if part is index.entries:
        return (Kind.MEMORY,)
    return (Kind.FILE, Kind.MESSAGE) if part.slice.files else (Kind.MESSAGE,)


def _ask(part: Part, query: Query, meanings: Meanings, kind: Kind, now: int, limit: int) -> list[Hit]:
    if not part.slice.size:
        return []
    conditions: list[tuple[str, object]] = []
    if query.role:
        conditions.append(("docs.role = ?", query.role))
    if query.has_file:
        conditions.append(("docs.has_file = ?", 1))
    if query.before is not None:
        conditions.append(("docs.at < ?", query.before))
    if query.after is not None:
        conditions.append(("docs.at >= ?", query.after))
    if query.app:
        conditions.append(("instr(docs.app, ?) = 1", query.app))
    files = kind is Kind.FILE
    if not query.terms:
        without = any_of(query.without) if query.without else ""
        return part.slice.latest(conditions, without, files, limit)
    meant = meanings(part)
    if meant is not None and not all(meant):
        return []
    return part.slice.find(expression(query, meant), conditions, files, now, limit)


def _order(match: _Match) -> tuple[float, int]:
    return (match.hit.score, -match.hit.at)


def _best(found: dict[Kind, list[_Match]], limits: dict[Kind, int]) -> dict[Kind, list[_Match]]:
    best = {kind: heapq.nsmallest(limits[kind] + 1, each, key=_order) for kind, each in found.items()}
    return {kind: each for kind, each in best.items() if each}


def _count(matches: dict[Kind, list[_Match]]) -> int:
    return sum(map(len, matches.values()))


def _joined(first: dict[Kind, list[_Match]], then: dict[Kind, list[_Match]]) -> dict[Kind, list[_Match]]:
    """The first matches, then the others that are not among them."""
    joined = {}
    for kind in {**first, **then}:
        known = {(id(match.part), match.hit.number) for match in first.get(kind, ())}
        others = [match for match in then.get(kind, ()) if (id(match.part), match.hit.number) not in known]
        joined[kind] = [*first.get(kind, ()), *others]
    return joined


class _Inside:
    """Takes each word for itself, or for words of a shard that contain it. `met` are those that were met."""

    def __init__(self, query: Query) -> None:
        self._terms = query.terms
        self._met: dict[Term, None] = {}
        self.possible = any(_may_be_part(term) for term in query.terms)

    def __call__(self, part: Part) -> list[list[Term]]:
        meant = []
        for term in self._terms:
            inside: list[Term] = []
            if _may_be_part(term):
                words = part.vocabulary.containing(term.word)
                inside = [
                    Term((word,), prefix=False, variants=LITERAL) for word in words if not word.startswith(term.word)
                ]
                self._met.update(dict.fromkeys(inside))
            meant.append([term, *inside])
        return meant

    @property
    def met(self) -> list[Term]:
        """The words that contain what was typed."""
        return list(self._met)


class _Nearly:
    """Takes a word that a shard does not have for those that are spelt alike."""

    def __init__(self, query: Query) -> None:
        self._terms = query.terms
        self._met: dict[Term, dict[str, int]] = {}

    def __call__(self, part: Part) -> list[list[Term]]:
        meant = []
        for term in self._terms:
            others = _alike(term, part)
            for slips, word in others:
                self._met.setdefault(term, {}).setdefault(word, slips)
            meant.append([term, *(Term((word,), prefix=False) for _, word in others)])
        return meant

    @property
    def met(self) -> list[Term]:
        """The words that were looked for instead."""
        return [Term((word,), prefix=False) for words in self._met.values() for word in words]

    def instead(self) -> str:
        """The query with the nearest word in place of each that was not found."""
        return " ".join(
            min(self._met[term].items(), key=lambda each: (each[1], each[0]))[0] if term in self._met else term.text
            for term in self._terms
        )


def _alike(term: Term, part: Part) -> list[tuple[int, str]]:
    """Words spelt like a term that is one word, or like the beginning that it may be."""
    word, vocabulary = term.word, part.vocabulary
    if not word or vocabulary.has_prefix(word):
        return []
    spelt = [(0, each) for each in respelt(word) if each in vocabulary]
    return spelt or vocabulary.near(word)


def _may_be_part(term: Term) -> bool:
    return term.prefix and not term.variants.signs and may_be_inside(term.word)
