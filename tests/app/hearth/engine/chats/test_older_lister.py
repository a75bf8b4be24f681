"""Older chats than the warming's: counted at the end of the list, listed on demand, fetched when they are opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    OlderChatsReady,
    RecentChatsReady,
    Refetched,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.chats import FetchAgain, ListOlderChats, OpenChat
from hearth.engine.intents.search import Search
from hearth.testing.tabs import FakeBrowser
from tests.app.hearth.engine.journey import Journey
from tests.contracts.records import tombstone

CHATS, MESSAGES, ENTRIES = Collection
NEWEST = 1_000
"""Chat `n` was updated at `NEWEST` - n."""


def name(number: int) -> str:
    return f"c{number:03}"


def rows(journey: Journey, first: int, last: int) -> list[dict[str, Any]]:
    """The records of the chats `first` to `last`, in the order of the list."""
    return [
        journey.account.chat(name(n), f"Chat {n}", last_updated=NEWEST - n, created_at=NEWEST - n)
        for n in range(first, last + 1)
    ]


def warm(journey: Journey, older: int) -> None:
    """Deliver a warming of 100 chats, which says that there are more."""
    complete = {name(n): 1 for n in range(100)}
    journey.deliver(FirstChatReady(chat_id=None))
    journey.deliver(RecentChatsReady(total_chats=100, complete=complete), chats=rows(journey, 0, 99))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(
        WarmingComplete(
            stamp="100",
            sent={CHATS: 100},
            total_chats=100,
            older_count=older,
            listed_to=NEWEST - 99,
            listed_id=name(99),
        )
    )


@pytest.fixture
async def journey() -> AsyncIterator[Journey]:
    """A device that is up to date with an account of 300 chats, of which it has 100."""
    made = Journey()
    await made.sign_in()
    warm(made, older=200)
    await made.current()
    yield made
    for task in made._tasks:
        task.cancel()


def counted(journey: Journey) -> str:
    return journey.screen.older.sentence


async def says(journey: Journey, here: int, total: int) -> None:
    await journey.until(lambda: counted(journey) == f"{here} of {total} chats are on this device")


async def list_more(journey: Journey, first: int, last: int, older: int) -> dict[str, Any]:
    """Press the button, and have the server answer; what the device asked."""
    asked = len(journey.sent("list_older"))
    journey.engine.post(ListOlderChats())
    await journey.until(lambda: len(journey.sent("list_older")) == asked + 1)
    answer(journey, first, last, older)
    await journey.until(lambda: len(journey.titles()) == last + 1)
    return journey.sent("list_older")[-1]


def answer(journey: Journey, first: int, last: int, older: int) -> None:
    end = OlderChatsReady(older_count=older, listed_to=NEWEST - last, listed_id=name(last))
    journey.deliver(end, chats=rows(journey, first, last))


async def test_the_end_of_the_list_says_how_many_are_here(journey: Journey) -> None:
    assert counted(journey) == "100 of 300 chats are on this device"
    assert journey.screen.older.can_list
    assert journey.sent("list_older") == []


async def test_a_hundred_more_are_listed_and_asked_for_once(journey: Journey) -> None:
    journey.engine.post(ListOlderChats())
    journey.engine.post(ListOlderChats())
    await journey.until(lambda: journey.screen.older.listing)
    await journey.until(lambda: journey.sent("list_older"))
    asked = journey.sent("list_older")
    assert [(each["listed_to"], each["listed"]) for each in asked] == [(NEWEST - 99, [name(99)])]
    answer(journey, 100, 199, older=100)
    await journey.until(lambda: len(journey.titles()) == 200)
    await says(journey, 100, 300)
    assert not journey.screen.older.listing
    assert "200 are in the list" in journey.screen.older.about
    asked_next = await list_more(journey, 200, 299, older=0)
    assert (asked_next["listed_to"], asked_next["listed"]) == (NEWEST - 199, [name(199)])
    await journey.until(lambda: not journey.screen.older.can_list)
    assert counted(journey) == "100 of 300 chats are on this device"
    assert len(journey.sent("list_older")) == 2


async def test_an_older_chat_is_fetched_when_it_is_opened_and_found_then(journey: Journey) -> None:
    await list_more(journey, 100, 199, older=100)
    journey.engine.post(OpenChat(name(150)))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.LOADING)
    await journey.until(lambda: [each["chat_id"] for each in journey.sent("want")] == [name(150)])
    journey.deliver(
        Changes(since="100", stamp="100", complete={name(150): 1}),
        chats=rows(journey, 150, 150),
        messages=[journey.account.message(name(150), 1, "a needle of long ago")],
    )
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.READY)
    await says(journey, 101, 300)
    journey.engine.post(Search("needle"))
    await journey.until(lambda: journey.screen.search.groups)


async def test_a_reload_lists_what_was_listed(journey: Journey) -> None:
    await list_more(journey, 100, 199, older=100)
    journey.load()
    hello = await journey.greeted(2)
    assert hello["since"] == "100"
    journey.deliver(UpToDate(stamp="100"))
    await says(journey, 100, 300)
    assert len(journey.titles()) == 200
    asked = await list_more(journey, 200, 299, older=0)
    assert asked["listed_to"] == NEWEST - 199


async def test_another_warming_leaves_the_list_as_long_as_it_is(journey: Journey) -> None:
    await list_more(journey, 100, 199, older=100)
    journey.socket.fail()
    await journey.greeted(2)
    warm(journey, older=200)
    await journey.current()
    await says(journey, 100, 300)
    assert (await list_more(journey, 200, 299, older=0))["listed_to"] == NEWEST - 199


async def test_without_a_connection_the_list_comes_as_soon_as_there_is_one(journey: Journey) -> None:
    journey.socket.fail()
    await journey.until(lambda: journey.screen.status.sentence.startswith("Offline"))
    journey.engine.post(ListOlderChats())
    await journey.until(lambda: journey.screen.older.listing)
    await journey.greeted(2)
    assert journey.sent("list_older") == []
    journey.deliver(UpToDate(stamp="100"))
    await journey.until(lambda: journey.sent("list_older"))
    answer(journey, 100, 199, older=100)
    await journey.until(lambda: len(journey.titles()) == 200)


async def test_the_count_stays_true_when_chats_change_elsewhere(journey: Journey) -> None:
    make = journey.account
    old = make.chat(name(250), "Chat 250", 2, last_updated=NEWEST + 1, created_at=NEWEST - 250)
    journey.deliver(Changes(since="100", stamp="101"), chats=[old])
    await journey.until(lambda: journey.titles()[0] == "Chat 250")
    assert counted(journey) == "100 of 300 chats are on this device"
    new = make.chat("new", "New", last_updated=NEWEST + 2, created_at=NEWEST + 2)
    journey.deliver(Changes(since="101", stamp="102", complete={"new": 1}), chats=[new])
    await says(journey, 101, 301)
    journey.deliver(Changes(since="102", stamp="103"), chats=[{**tombstone("new"), "last_updated": NEWEST + 2}])
    await says(journey, 100, 300)
    gone = {**tombstone(name(260)), "last_updated": NEWEST - 260}
    journey.deliver(Changes(since="103", stamp="104"), chats=[gone])
    await says(journey, 100, 299)
    journey.engine.post(ListOlderChats())
    await journey.until(lambda: journey.sent("list_older"))
    answer(journey, 100, 199, older=98)  # without the one that moved up, and the one that was deleted
    await journey.until(lambda: len(journey.titles()) == 201)
    await says(journey, 100, 299)


async def test_a_chat_that_is_fetched_by_itself_is_not_counted_twice(journey: Journey) -> None:
    journey.engine.post(OpenChat(name(250)))
    journey.engine.post(FetchAgain(name(250)))
    await journey.until(lambda: journey.sent("refetch"))
    journey.deliver(
        Refetched(collection=CHATS, record_id=name(250), complete={name(250): 1}),
        chats=rows(journey, 250, 250),
        messages=[journey.account.message(name(250), 1, "hi")],
    )
    await says(journey, 101, 300)


async def test_a_list_made_by_an_earlier_version_learns_how_far_it_goes(journey: Journey) -> None:
    del journey.device.disks["account-1"].sync["older"]
    journey.load()
    await journey.greeted(2)
    journey.deliver(UpToDate(stamp="100"))
    await journey.until(lambda: journey.screen.older.can_list)
    assert counted(journey) == "100 chats are on this device"
    journey.engine.post(ListOlderChats())
    await journey.until(lambda: journey.sent("list_older"))
    assert journey.sent("list_older")[0]["listed_to"] is None
    answer(journey, 0, 99, older=200)
    await says(journey, 100, 300)


async def test_a_tab_that_follows_has_the_leader_list_them() -> None:
    browser = FakeBrowser()
    leader, follower = Journey(browser), Journey(browser)
    follower.account = leader.account
    follower.device.key_store, follower.device.disks = leader.device.key_store, leader.device.disks
    follower.device.api = leader.device.api
    await leader.sign_in()
    warm(leader, older=200)
    await leader.current()
    follower.load()
    await follower.current()
    await says(follower, 100, 300)
    follower.engine.post(ListOlderChats())
    await leader.until(lambda: leader.sent("list_older"))
    answer(leader, 100, 199, older=100)
    await follower.until(lambda: len(follower.titles()) == 200 and not follower.screen.older.listing)
    await says(follower, 100, 300)
    for task in (*leader._tasks, *follower._tasks):
        task.cancel()
