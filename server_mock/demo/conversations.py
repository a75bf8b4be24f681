"""Conversations for the demo accounts, put together from `topics.toml` by chance that can be repeated."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")
_TOPICS = Path(__file__).with_name("topics.toml")

LONG_CHARS = 20_000
"""The length of the very long messages."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; `files` and `embeds` as the registry of fields describes them."""

    role: str
    text: str
    files: tuple[dict[str, Any], ...] = ()
    embeds: tuple[dict[str, Any], ...] = ()


class _Deck(Generic[_T]):
    """Deals every card once before any comes again, and never the same twice in a row."""

    def __init__(self, chance: random.Random, cards: Sequence[_T]) -> None:
        self._chance = chance
        self._cards = tuple(cards)
        self._left: list[_T] = []

    def deal(self) -> _T:
        if not self._left:
            self._left = self._chance.sample(self._cards, len(self._cards))
        return self._left.pop()

    def hand(self, count: int) -> list[_T]:
        """Several different cards."""
        cards: list[_T] = []
        while len(cards) < min(count, len(self._cards)):
            card = self.deal()
            if card not in cards:
                cards.append(card)
        return cards


class Scribe:
    """Writes one conversation after the other, about topics in turn."""

    def __init__(self, chance: random.Random) -> None:
        content = _content()
        self._chance = chance
        self._topics: list[dict[str, Any]] = content["topic"]
        self._phrases: dict[str, list[str]] = content["phrases"]
        self._order = chance.sample(range(len(self._topics)), len(self._topics))
        self._drafts: _Deck[str] = _Deck(chance, self._phrases["drafts"])
        self._showpieces: dict[int, dict[str, Any]] = {each["at"]: each for each in content["showpiece"]}

    def draft(self) -> str:
        """What somebody began to write and did not send."""
        return self._drafts.deal()

    def conversation(self, number: int, length: int) -> tuple[str, list[Turn]]:
        """The title and `length` messages of the chat of that number."""
        topic = self._topics[self._order[number % len(self._order)]]
        showpiece = self._showpieces.get(number)
        if showpiece is None:
            title = _title(topic["titles"], number // len(self._order))
            return title, self._turns(topic, length)
        shown = _shown(showpiece)[:length]
        before = next((each for each in self._topics if each["heading"] == showpiece.get("topic")), None)
        if before is None:
            return showpiece["title"], shown
        # The showpiece is the end, which is what is seen first; before it, whole exchanges.
        return showpiece["title"], [*self._turns(before, (length - len(shown)) // 2 * 2), *shown]

    def _turns(self, topic: dict[str, Any], count: int) -> list[Turn]:
        teller = _Teller(self._chance, topic, self._phrases)
        return [teller.turn(at) for at in range(count)]


class _Teller:
    """Both voices of one conversation."""

    def __init__(self, chance: random.Random, topic: dict[str, Any], phrases: dict[str, list[str]]) -> None:
        def deck(cards: Sequence[str]) -> _Deck[str]:
            return _Deck(chance, cards)

        self._chance = chance
        self._topic = topic
        self._asks = deck(topic["asks"])
        self._questions = deck([*topic["questions"], *chance.sample(phrases["follow_ups"], 10)])
        self._contexts = deck(phrases["contexts"])
        self._facts = deck(topic["facts"])
        self._points = deck(topic["points"])
        self._openings = deck(phrases["openings"])
        self._closings = deck(phrases["closings"])
        self._remarks = deck(phrases["remarks"])
        forms: list[Callable[[], str]] = [self._plain, self._plain, self._short, self._bullets]
        forms += [self._steps, self._nested, self._quote, self._tasks]
        if "table" in topic:
            forms.append(self._table)
        if "code" in topic:
            forms.append(self._code)
        self._forms = _Deck(chance, forms)

    def turn(self, at: int) -> Turn:
        """The message at that place: the person's at even places, the answer at odd ones."""
        if at % 2:
            embeds = (self._topic["embed"],) if "embed" in self._topic and at % 14 == 3 else ()
            return Turn("assistant", self._forms.deal()(), embeds=embeds)
        files = (self._topic["file"],) if "file" in self._topic and at % 16 == 4 else ()
        text = self._questions.deal() if at else self._asks.deal()
        if self._chance.random() < 0.3:
            text = f"{text} {self._contexts.deal()}"
        return Turn("user", text, files=files)

    def _plain(self) -> str:
        return f"{self._facts.deal()} {self._remarks.deal()}\n\n{self._facts.deal()}"

    def _short(self) -> str:
        return f"{self._facts.deal()} {self._remarks.deal()}"

    def _bullets(self) -> str:
        points = "\n".join(f"- {point}" for point in self._points.hand(4))
        return f"{self._openings.deal()}\n\n{points}\n\n{self._remarks.deal()}"

    def _steps(self) -> str:
        steps = "\n".join(f"{number}. {point}" for number, point in enumerate(self._points.hand(4), start=1))
        return f"## {self._topic['heading']}\n\n{steps}\n\n{self._closings.deal()}"

    def _nested(self) -> str:
        first, second, third, fourth = self._points.hand(4)
        return (
            f"{self._openings.deal()}\n\n- **{self._topic['heading']}**\n  - {first}\n  - {second}\n"
            f"- **And then**\n  - {third}\n    1. {fourth}\n\n{self._remarks.deal()}"
        )

    def _quote(self) -> str:
        return f"> {self._facts.deal()}\n\n{self._openings.deal()} {self._remarks.deal()}"

    def _tasks(self) -> str:
        done = self._chance.randrange(1, 3)
        points = enumerate(self._points.hand(4))
        tasks = "\n".join(f"- [{'x' if at < done else ' '}] {point}" for at, point in points)
        return f"### Where we are\n\n{tasks}\n\n{self._closings.deal()}"

    def _table(self) -> str:
        return f"{self._openings.deal()}\n\n{self._topic['table'].strip()}\n\n{self._facts.deal()}"

    def _code(self) -> str:
        return f"{self._facts.deal()}\n\n{self._topic['code'].strip()}\n\n{self._closings.deal()}"


@cache
def _content() -> dict[str, Any]:
    with _TOPICS.open("rb") as file:
        return tomllib.load(file)


def _title(titles: Sequence[str], round_: int) -> str:
    title = titles[round_ % len(titles)]
    part = round_ // len(titles)
    return f"{title}, part {part + 1}" if part else title


def _shown(showpiece: dict[str, Any]) -> list[Turn]:
    turns = []
    for each in showpiece.get("turns", ()):
        text = each["text"].strip()
        if each.get("long"):
            text = _long(text)
        turns.append(Turn(each["role"], text, tuple(each.get("files", ())), tuple(each.get("embeds", ()))))
    return turns


def _long(text: str) -> str:
    """The text again and again, each time as a section of its own, up to `LONG_CHARS`."""
    sections: list[str] = []
    size = 0
    while size < LONG_CHARS:
        sections.append(f"## Evening {len(sections) + 1}\n\n{text}")
        size += len(sections[-1]) + 2
    return "\n\n".join(sections)
