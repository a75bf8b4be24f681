"""No step of indexing or searching goes on for a frame: held with a clock that goes on only where work is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hearth.core.records.schema import Collection
from hearth.core.search.documents import Doc, message_docs
from hearth.core.search.query import Kind, parse
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search import catch_up
from hearth.engine.search.index import Index
from hearth.engine.search.indexer import Indexer
from hearth.engine.search.searcher import Answer, Searcher
from hearth.engine.search.shard import Shard
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.storage import Batch
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount

FRAME_MS = 16
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)

COSTS: dict[str, Callable[..., float]] = {
    "put": lambda docs: 0.1 * len(docs) + sum(len(doc.body) for doc in docs) / 4_000,
    "drop": lambda _, refs: 0.2 * len(list(refs)),
    "drop_some": lambda _, count: 0.2 * count,
    "versions": lambda _: 1.0,
    "merge": lambda: 2.0,
    "content": lambda: 4.0,
    "find": lambda *_: 5.0,
    "latest": lambda *_: 3.0,
    "doc": lambda _: 0.1,
}
"""What a call takes in a browser, in ms, by what is handed over to it."""


class Steps:
    """A clock that work puts forward, and how long each step went on until it gave way."""

    def __init__(self) -> None:
        self.now = self.since = 0.0
        self.steps: list[float] = []

    def work(self, ms: float) -> None:
        self.now += ms

    def monotonic(self) -> float:
        return self.now / 1000

    async def yield_control(self) -> None:
        self.steps.append(self.now - self.since)
        self.since = self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Every piece of work takes its time."""
    steps = Steps()

    def charged(name: str, cost: Callable[..., float]) -> Callable[..., Any]:
        real = getattr(Shard, name)

        def call(self: Shard, *args: Any) -> Any:
            args = tuple(list(each) if name == "put" else each for each in args)
            steps.work(cost(*args))
            return real(self, *args)

        return call

    for name, cost in COSTS.items():
        monkeypatch.setattr(Shard, name, charged(name, cost))
    made, listed = Shard.__init__, Shard.vocabulary

    def make(self: Shard, content: bytes | None = None) -> None:
        steps.work(4.0)
        made(self, content)

    def vocabulary(self: Shard) -> Iterator[list[str]]:
        for words in listed(self):
            steps.work(1.5)
            yield words

    def read(opened: Any) -> list[Doc]:
        steps.work(0.07)
        return message_docs(opened)

    monkeypatch.setattr(Shard, "__init__", make)
    monkeypatch.setattr(Shard, "vocabulary", vocabulary)
    monkeypatch.setattr(catch_up, "message_docs", read)
    return steps


class Session:
    """A page load over a disk, with that clock."""

    def __init__(self, clock: Steps, disk: Disk, made: MadeAccount) -> None:
        keyring = CryptographyKeyring(made.cipher, made.id, made.master)
        self.store = MemoryStore(disk)
        self.repository = ChatRepository(self.store, keyring)
        self.indexer = Indexer(
            self.repository,
            EntryRepository(self.store, keyring, {}),
            keyring,
            self.store.search_index,
            clock.monotonic,
            yield_control=clock.yield_control,
            save_after_s=0.0,
        )

    async def load(self) -> None:
        await self.repository.learn(await self.store.chats())
        self.repository.warmed = True
        self.indexer.start()
        await self.rest()

    async def rest(self) -> None:
        """Until everything is indexed and kept."""
        for _ in range(5_000):
            await asyncio.sleep(0.001)
            if not self.indexer._wake.is_set() and self.indexer.progress.complete and not self._unkept():
                return
        raise AssertionError("the index does not come to rest")

    def _unkept(self) -> bool:
        return any(part.changed for part in self.indexer.index.parts)


MADE = MadeAccount()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """1,200 messages of a chat, sealed once; some words are in each, some in one alone."""
    return [MADE.message("a", at, f"word{at} number{at % 50} " + "and others " * 30) for at in range(1_200)]


@pytest.fixture
async def session(clock: Steps, rows: list[dict[str, Any]]) -> AsyncIterator[Session]:
    disk = Disk()
    await MemoryStore(disk).apply(
        Batch({Collection.CHATS: [MADE.chat("a", "Long", last_updated=1)], Collection.MESSAGES: rows}, cursor="1")
    )
    here = Session(clock, disk, MADE)
    await here.load()
    yield here
    await here.indexer.stop()


def held(clock: Steps, at_least: int) -> None:
    """Many steps were made, and none went on for a frame."""
    assert len(clock.steps) >= at_least
    assert max(clock.steps) <= FRAME_MS
    assert clock.now - clock.since <= FRAME_MS


async def test_building_merging_and_keeping_give_way_within_a_frame(clock: Steps, session: Session) -> None:
    held(clock, 25)
    assert await session.store.search_index.names() == ["1"]


async def test_taking_over_what_is_kept_gives_way_within_a_frame(clock: Steps, session: Session) -> None:
    await session.indexer.stop()
    clock.steps.clear()
    again = Session(clock, session.store._disk, MADE)
    await again.load()
    assert again.indexer.index.parts[0].slice.size == 1_200
    assert len([step for step in clock.steps if step]) < 15, "no message was read again"
    assert max(clock.steps) <= FRAME_MS
    await again.indexer.stop()


async def test_taking_a_long_chat_out_gives_way_within_a_frame(clock: Steps, session: Session) -> None:
    clock.steps.clear()
    await session.store.apply(Batch({Collection.CHATS: [{**MADE.chat("a", "Long", version=2), "deleted_at": 5}]}))
    await session.repository.learn([{**MADE.chat("a", "Long", version=2), "deleted_at": 5}])
    session.indexer.changed({"a"})
    await session.rest()
    assert session.indexer.index.chats == set()
    held(clock, 20)


async def test_a_slice_that_is_wanted_for_a_misspelt_word_is_listed_within_frames(
    clock: Steps, session: Session
) -> None:
    for part in session.indexer.index.all_parts():
        part.touch()
    clock.steps.clear()
    found = await Searcher(session.indexer.index, clock.monotonic, clock.yield_control).answer(
        parse("nummber7", NOW), NOW
    )
    assert found.docs
    held(clock, 2)


async def test_what_the_newest_slices_have_is_told_while_the_others_are_asked(clock: Steps) -> None:
    index = Index()
    for chat in range(12):
        index.put(f"c{chat}", [Doc(Kind.MESSAGE, f"c{chat}", str(chat), "", "tea " * 10, at=chat)])
        index.part_of(f"c{chat}").slice.chars += 10**6  # type: ignore[union-attr] # full: the next chat gets another
    told: list[Answer] = []
    await clock.yield_control()
    clock.steps.clear()
    finder = Searcher(index, clock.monotonic, clock.yield_control)
    answer = await finder.answer(parse("tea in:messages", NOW), NOW, so_far=told.append)
    assert len(index.parts) == 12
    assert told[0].docs[0].ref == "11"
    assert 0 < len(told[0].docs) < len(answer.docs) == 12
    assert max(clock.steps) <= FRAME_MS
    assert len(told) == 1
