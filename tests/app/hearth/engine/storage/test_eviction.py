"""A full disk: the newest chats stay, the others come when they are opened, and no page that dies leaves a half."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    RecentChatsReady,
    RemainingChatsReady,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.chats import Choose, OpenChat
from hearth.engine.storage.eviction import disk_full
from hearth.engine.storage.fallback import IN_MEMORY
from hearth.engine.storage.memory_store import Disk
from hearth.testing.storage import FakeStore, weight
from tests.app.hearth.engine.journey import Journey

CHATS, MESSAGES, ENTRIES = Collection
NAMES = "abcdefgh"
"""Chats from the newest to the oldest; `d` was opened last."""
LENGTH = 10

Rows = list[dict[str, Any]]


class Shortage(Journey):
    """A person with eight chats of ten messages, and less room than they take."""

    def __init__(self) -> None:
        super().__init__()
        make = self.account
        self.rows = {name: make.chat(name, name.upper(), last_updated=100 - n) for n, name in enumerate(NAMES)}
        self.texts_of = {name: [make.message(name, n, f"{name} {n}") for n in range(LENGTH)] for name in NAMES}
        self.entries = [make.app("mail", "Mail"), make.setting("mail", "e1", "Signature", "Yours")]

    def room_for(self, chats: float) -> None:
        """So many chats' messages fit beside everything else."""
        disk = Disk(chats=dict(self.rows), entries={row["id"]: row for row in self.entries})
        one = Disk(messages={"a": {row["id"]: row for row in self.texts_of["a"]}})
        self.device.budget = round(weight(disk) + 400 + chats * (weight(one) - weight(Disk())))

    def of(self, names: str) -> Rows:
        """The messages of chats."""
        return [row for name in names for row in self.texts_of[name]]

    def warm_all(self, stamp: str = "100") -> None:
        """Deliver a warming: `d`, then `a` to `c`, then two frames of two chats each."""
        self.deliver(FirstChatReady(chat_id="d", complete={"d": 1}), chats=[self.rows["d"]], messages=self.of("d"))
        others = [row for name, row in self.rows.items() if name != "d"]
        recent = RecentChatsReady(total_chats=8, complete=dict.fromkeys("abc", 1))
        self.deliver(recent, chats=others, messages=self.of("abc"))
        self.deliver(SettingsAndMemoriesReady(), entries=self.entries)
        for batch, names in enumerate(("ef", "gh"), 1):
            complete = dict.fromkeys(names, 1)
            self.deliver(RemainingChatsReady(complete=complete, batch=batch, of=2), messages=self.of(names))
        sent = {CHATS: 8, MESSAGES: 8 * LENGTH, ENTRIES: 2}
        self.deliver(WarmingComplete(stamp=stamp, sent=sent, total_chats=8))

    @property
    def disk(self) -> Disk:
        """What is stored."""
        return self.device.disks["account-1"]

    @property
    def whole(self) -> str:
        """The chats that are stored with all their messages; no other has any."""
        lengths = {name: len(self.disk.messages.get(name, ())) for name in NAMES}
        assert set(lengths.values()) <= {0, LENGTH, LENGTH + 1}, "none is here by half"
        if self.disk.sync["settled"]:
            assert set(self.disk.sync["partial"]) == {name for name, length in lengths.items() if not length}
        return "".join(name for name, length in lengths.items() if length)

    async def says(self, sentence: str) -> None:
        """Wait for the status line."""
        await self.until(lambda: self.screen.status.sentence == sentence, sentence)

    async def opened(self, name: str) -> None:
        """Open a chat; it is shown, or asked for."""
        self.engine.post(OpenChat(name))
        await self.until(lambda: self.screen.chat and self.screen.chat.id == name)


@pytest.fixture
async def journey() -> AsyncIterator[Shortage]:
    made = Shortage()
    yield made
    for task in made._tasks:
        task.cancel()


async def test_a_warming_keeps_the_newest_and_the_one_that_is_open(journey: Shortage) -> None:
    journey.room_for(5.5)
    await journey.sign_in()
    journey.warm_all()
    await journey.says(f"Up to date. {disk_full(5)}")
    assert journey.whole == "abcde"
    assert journey.disk.sync["cursor"] == "100", "what is not here is known: the warming is over"
    assert len(journey.titles()) == 8, "all are listed"
    assert all(isinstance(store, FakeStore) for store in journey.device.stores)
    journey.load()
    assert (await journey.greeted(2))["since"] == "100", "nothing is fetched again"
    journey.deliver(UpToDate(stamp="100"))
    await journey.says("Up to date")
    assert journey.sent("want") == [], "nor later"
    assert journey.whole == "abcde"


async def test_the_open_chat_stays_however_old_it_is(journey: Shortage) -> None:
    journey.rows["d"] = journey.account.chat("d", "D", last_updated=1)
    journey.room_for(3.5)
    await journey.sign_in()
    journey.warm_all()
    await journey.says(f"Up to date. {disk_full(3)}")
    assert journey.whole == "abd"


async def test_what_had_to_make_room_is_fetched_when_it_is_opened(journey: Shortage) -> None:
    journey.room_for(5.5)
    await journey.sign_in()
    journey.warm_all()
    await journey.says(f"Up to date. {disk_full(5)}")
    await journey.opened("h")
    assert journey.screen.chat
    assert journey.screen.chat.state is ChatState.LOADING
    await journey.until(lambda: journey.sent("want"))
    assert [frame["chat_id"] for frame in journey.sent("want")] == ["h"]
    whole = Changes(since="100", stamp="100", complete={"h": 1})
    journey.deliver(whole, chats=[journey.rows["h"]], messages=journey.of("h"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.READY)
    assert "h 9" in journey.texts()[-1]
    assert journey.whole == "abcdh", "the oldest of the others made room"
    await journey.opened("g")
    journey.deliver(
        Changes(since="100", stamp="100", complete={"g": 1}), chats=[journey.rows["g"]], messages=journey.of("g")
    )
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.READY)
    assert journey.whole == "abcdg", "and next the one that is no longer open, and older than all"
    await journey.says(f"Up to date. {disk_full(5)}")


async def test_a_message_more_takes_the_place_of_the_oldest_chat(journey: Shortage) -> None:
    await journey.sign_in()
    journey.warm_all()
    await journey.current()
    assert journey.whole == NAMES
    journey.device.budget = weight(journey.disk)
    news = journey.account.message("a", 60, "news")
    renamed = journey.account.chat("a", "A", 2, last_updated=200)
    journey.deliver(Changes(since="100", stamp="101"), chats=[renamed], messages=[news])
    await journey.says(f"Up to date. {disk_full(7)}")
    assert journey.whole == "abcdefg"
    assert len(journey.disk.messages["a"]) == LENGTH + 1
    assert journey.disk.sync["cursor"] == "101"


async def test_of_a_chat_that_made_room_between_two_frames_nothing_is_claimed(journey: Shortage) -> None:
    journey.room_for(4.5)
    await journey.sign_in()
    journey.warm_all()
    await journey.says(f"Up to date. {disk_full(4)}")
    await journey.opened("h")
    await journey.until(lambda: journey.sent("want"))
    first, second = journey.of("h")[:5], journey.of("h")[5:]
    part = Changes(since="100", stamp="100", of=3)
    journey.deliver(replace(part, batch=1), chats=[journey.rows["h"]], messages=first)
    await journey.until(lambda: journey.disk.messages.get("h"))
    await journey.opened("a")
    many = [journey.account.message("a", 60 + n, "news" * 50) for n in range(6)]
    journey.deliver(replace(part, batch=2), messages=many)
    await journey.until(lambda: len(journey.disk.messages["a"]) > LENGTH)
    assert not journey.disk.messages.get("h")
    journey.deliver(replace(part, batch=3, complete={"h": 1}), messages=second)
    await journey.until(lambda: len(journey.sent("ack")) == 2)
    assert not journey.disk.messages.get("h"), "its end alone is not kept"
    assert "h" in journey.disk.sync["partial"]
    assert "h" not in journey.disk.sync["have"]


async def test_the_kept_search_index_makes_room_first_and_is_not_kept_again(journey: Shortage) -> None:
    await journey.sign_in()
    journey.warm_all()
    await journey.current()
    # Until then the indexer may clear away by itself what it does not know.
    await journey.until(lambda: "search-ready" in journey.device.marks)
    journey.disk.kept.sealed["1"] = b"s" * 5_000
    journey.device.budget = weight(journey.disk)
    journey.deliver(Changes(since="100", stamp="101"), messages=[journey.account.message("a", 60, "news")])
    await journey.until(lambda: journey.disk.sync["cursor"] == "101")
    assert journey.whole == NAMES, "no chat had to go"
    assert journey.disk.kept.sealed == {}
    await journey.says("Up to date")
    assert journey.engine.current.session
    assert not journey.engine.current.session.parts.search.indexer._keeps()


async def test_what_is_dropped_is_no_longer_found(journey: Shortage) -> None:
    await journey.sign_in()
    journey.warm_all()
    await journey.until(lambda: "search-ready" in journey.device.marks)
    assert journey.engine.current.session
    indexer = journey.engine.current.session.parts.search.indexer
    assert indexer.index.chats == set(NAMES)
    journey.device.budget = weight(journey.disk)
    journey.deliver(Changes(since="100", stamp="101"), messages=[journey.account.message("a", 60, "news")])
    await journey.until(lambda: indexer.index.chats == set(NAMES) - {"h"})


async def test_a_choice_finds_room_too(journey: Shortage) -> None:
    await journey.sign_in()
    journey.warm_all()
    await journey.current()
    journey.device.budget = weight(journey.disk)
    journey.engine.post(Choose("theme", "dark"))
    await journey.until(lambda: bool(journey.disk.outbox))
    assert journey.whole == "abcdefg"


@pytest.mark.parametrize("step", ["after drop", "before apply"])
async def test_a_page_that_dies_while_room_is_made_has_lost_nothing_but_that(journey: Shortage, step: str) -> None:
    await journey.sign_in()
    journey.warm_all()
    await journey.current()
    journey.device.budget = weight(journey.disk)
    dropped: list[str] = []

    def die(name: str) -> None:
        if name == "after drop":
            dropped.append(name)
        if len(dropped) == 2 and name == step:
            journey._tasks[-1].cancel()

    journey.device.on_step = die
    news = {"messages": [journey.account.message("a", 60, "news")]}
    journey.deliver(Changes(since="100", stamp="101"), **news)
    await journey.until(journey._tasks[-1].done)
    assert not journey.disk.sync["settled"]
    assert journey.whole == "abcdefg"
    assert (journey.disk.sync["cursor"], len(journey.disk.messages["a"])) == ("100", LENGTH)
    journey.device.on_step = lambda step: None
    journey.load()
    assert (await journey.greeted(2))["since"] == "100"
    journey.deliver(Changes(since="100", stamp="101"), **news)
    await journey.until(lambda: journey.disk.sync["cursor"] == "101")
    assert journey.whole == "abcdefg"


async def test_a_disk_that_takes_nothing_at_all_is_left_for_memory(journey: Shortage) -> None:
    journey.device.budget = 10
    await journey.sign_in()
    journey.warm_all()
    await journey.greeted(2)
    journey.warm_all()
    await journey.says(f"Up to date. This device has no room left for more chats. {IN_MEMORY}")
    assert len(journey.titles()) == 8
    assert "cursor" not in journey.disk.sync


async def test_a_tab_that_follows_drops_nothing(journey: Shortage) -> None:
    await journey.sign_in()
    journey.warm_all()
    await journey.current()
    journey.device.budget = weight(journey.disk)
    assert journey.engine.current.session
    journey.engine.current.session.parts.role.is_leader = False
    journey.engine.post(Choose("theme", "dark"))
    await journey.until(lambda: IN_MEMORY in journey.screen.status.sentence or len(journey.device.stores) > 1)
    assert journey.whole == NAMES
