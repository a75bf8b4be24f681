"""Conversations for the demo accounts, put together from `demo_topics.toml` by chance that can be repeated."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")
_TOPICS = Path(__file__).with_name("demo_topics.toml")

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
        return [self.deal() for _ in range(min(count, len(self._cards)))]


class Scribe:
    """Writes one conversation after the other, about topics in turn."""

    def __init__(self, chance: random.Random) -> None:
        content = _content()
        self._chance = chance
        self._topics: list[dict[str, Any]] = content["topic"]
        self._order = chance.sample(range(len(self._topics)), len(self._topics))
        self._openings: list[str] = content["phrases"]["openings"]
        self._thanks: list[str] = content["phrases"]["follow_ups"]
        self._closings: list[str] = content["phrases"]["closings"]
        self._drafts: _Deck[str] = _Deck(chance, content["phrases"]["drafts"])
        self._showpieces: dict[int, dict[str, Any]] = {each["at"]: each for each in content.get("showpiece", ())}

    def draft(self) -> str:
        """What somebody began to write and did not send."""
        return self._drafts.deal()

    def conversation(self, number: int, length: int) -> tuple[str, list[Turn]]:
        """The title and `length` messages of the chat of that number."""
        topic = self._topics[self._order[number % len(self._order)]]
        title = _title(topic["titles"], number // len(self._order))
        teller = _Teller(self._chance, topic, self._openings, self._thanks, self._closings)
        turns = [teller.turn(at) for at in range(length)]
        showpiece = self._showpieces.get(number)
        if showpiece is not None:
            title = showpiece["title"]
            for at, turn in enumerate(_shown(showpiece)[:length]):
                turns[at] = turn
        return title, turns


class _Teller:
    """Both voices of one conversation."""

    def __init__(
        self,
        chance: random.Random,
        topic: dict[str, Any],
        openings: Sequence[str],
        follow_ups: Sequence[str],
        closings: Sequence[str],
    ) -> None:
        self._chance = chance
        self._topic = topic
        self._asks = _Deck(chance, topic["asks"])
        self._questions = _Deck(chance, [*topic["questions"], *chance.sample(follow_ups, 4)])
        self._facts: _Deck[str] = _Deck(chance, topic["facts"])
        self._points: _Deck[str] = _Deck(chance, topic["points"])
        self._openings = _Deck(chance, openings)
        self._closings = _Deck(chance, closings)
        forms: list[Callable[[], str]] = [self._plain, self._plain, self._bullets, self._steps, self._nested]
        forms += [self._quote, self._tasks, self._short]
        if "table" in topic:
            forms.append(lambda: f"{self._opening()}\n\n{topic['table'].strip()}\n\n{self._facts.deal()}")
        if "code" in topic:
            forms.append(lambda: f"{self._facts.deal()}\n\n{topic['code'].strip()}\n\n{self._closing()}")
        self._forms = _Deck(chance, forms)

    def turn(self, at: int) -> Turn:
        if at % 2:
            embeds = (self._topic["embed"],) if "embed" in self._topic and at % 14 == 3 else ()
            return Turn("assistant", self._forms.deal()(), embeds=embeds)
        files = (_file(self._topic["file"]),) if "file" in self._topic and at % 16 == 4 else ()
        return Turn("user", self._asks.deal() if at == 0 else self._questions.deal(), files=files)

    def _opening(self) -> str:
        return self._openings.deal()

    def _closing(self) -> str:
        return self._closings.deal()

    def _plain(self) -> str:
        first, second = self._facts.hand(2)
        return f"{first} {second}\n\n{self._facts.deal()}"

    def _short(self) -> str:
        return self._facts.deal()

    def _bullets(self) -> str:
        points = "\n".join(f"- {point}" for point in self._points.hand(4))
        return f"{self._opening()}\n\n{points}\n\n{self._facts.deal()}"

    def _steps(self) -> str:
        points = self._points.hand(4)
        steps = "\n".join(f"{number}. {point}" for number, point in enumerate(points, start=1))
        return f"## {self._topic['heading']}\n\n{steps}\n\n{self._closing()}"

    def _nested(self) -> str:
        first, second, third, fourth = self._points.hand(4)
        return (
            f"{self._opening()}\n\n- **{self._topic['heading']}**\n  - {first}\n  - {second}\n"
            f"- **And then**\n  - {third}\n    1. {fourth}\n\n{self._closing()}"
        )

    def _quote(self) -> str:
        return f"> {self._facts.deal()}\n\n{self._opening()} {self._facts.deal()}"

    def _tasks(self) -> str:
        points = self._points.hand(4)
        done = self._chance.randrange(1, 3)
        tasks = "\n".join(f"- [{'x' if at < done else ' '}] {point}" for at, point in enumerate(points))
        return f"### Where we are\n\n{tasks}\n\n{self._closing()}"


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
    for each in showpiece["turns"]:
        text = each["text"].strip()
        if each.get("long"):
            text = _long(text)
        files = tuple(_file(file) for file in each.get("files", ()))
        turns.append(Turn(each["role"], text, files, tuple(each.get("embeds", ()))))
    return turns


def _long(text: str) -> str:
    """The text again and again, each time as a section of its own, up to `LONG_CHARS`."""
    sections: list[str] = []
    size = 0
    while size < LONG_CHARS:
        section = f"## Section {len(sections) + 1}\n\n{text}"
        sections.append(section)
        size += len(section) + 2
    return "\n\n".join(sections)


def _file(file: dict[str, Any]) -> dict[str, Any]:
    return {"name": file["name"], "type": file["type"], "size": file["size"], "text": file["text"]}
