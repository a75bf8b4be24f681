"""A chat that is not on the device: what is said of it, fetching it, and an answer that it is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import Changes, Refetched, UpToDate
from hearth.core.records.schema import Collection
from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.chats import FetchAgain, OpenChat
from hearth.testing.tabs import FakeBrowser
from tests.app.hearth.engine.journey import Journey
from tests.contracts.records import tombstone

CHATS, MESSAGES, ENTRIES = Collection


@pytest.fixture
async def journey() -> AsyncIterator[Journey]:
    """A device that is up to date; the account has no manifest."""
    made = Journey()
    await made.sign_in()
    made.warm()
    await made.current()
    yield made
    for task in made._tasks:
        task.cancel()


def state(journey: Journey) -> ChatState | None:
    """What the open chat's pane shows."""
    return journey.screen.chat.state if journey.screen.chat else None


async def shows(journey: Journey, wanted: ChatState) -> None:
    """Wait until the open chat's pane shows this."""
    await journey.until(lambda: state(journey) is wanted, wanted)


async def fetching(journey: Journey) -> None:
    """Open a chat that is not here, and have it fetched."""
    journey.engine.post(OpenChat("z"))
    await shows(journey, ChatState.ABSENT)
    journey.engine.post(FetchAgain("z"))
    await shows(journey, ChatState.FETCHING)


async def test_a_chat_that_is_not_here_is_not_asked_for_by_itself(journey: Journey) -> None:
    journey.engine.post(OpenChat("z"))
    await shows(journey, ChatState.ABSENT)
    assert journey.sent("refetch") == journey.sent("want") == []


async def test_a_chat_is_fetched_with_all_its_messages(journey: Journey) -> None:
    await fetching(journey)
    await journey.until(lambda: journey.sent("refetch"))
    asked = journey.sent("refetch")[0]
    assert (asked["collection"], asked["record_id"]) == ("chats", "z")
    make = journey.account
    journey.deliver(Refetched(collection=CHATS, record_id="z"), chats=[make.chat("z", "Zeta", last_updated=1)])
    await journey.until(lambda: journey.sent("want"))
    assert journey.sent("want")[0]["chat_id"] == "z"
    journey.deliver(
        Changes(since="100", stamp="100", complete={"z": 1}),
        chats=[make.chat("z", "Zeta", last_updated=1)],
        messages=[make.message("z", 1, "from long ago")],
    )
    await shows(journey, ChatState.READY)
    assert "from long ago" in journey.texts()[-1]
    assert "Zeta" in journey.titles()


async def test_an_answer_without_the_chat_is_told(journey: Journey) -> None:
    await fetching(journey)
    journey.deliver(Refetched(collection=CHATS, record_id="z"))
    await shows(journey, ChatState.GONE)
    journey.engine.post(OpenChat("a"))
    await shows(journey, ChatState.READY)
    journey.engine.post(OpenChat("z"))
    await shows(journey, ChatState.GONE)


async def test_a_tombstone_is_an_answer_too(journey: Journey) -> None:
    await fetching(journey)
    journey.deliver(Refetched(collection=CHATS, record_id="z"), chats=[tombstone("z")])
    await shows(journey, ChatState.GONE)


async def test_without_a_connection_the_question_waits_for_one(journey: Journey) -> None:
    journey.socket.fail()
    await journey.until(lambda: journey.screen.status.sentence != "Up to date")
    await fetching(journey)
    await journey.greeted(2)
    assert journey.sent("refetch") == []
    journey.deliver(UpToDate(stamp="100"))
    await journey.until(lambda: journey.sent("refetch"))
    journey.deliver(Refetched(collection=CHATS, record_id="z"))
    await shows(journey, ChatState.GONE)


async def test_before_all_is_here_a_chat_may_still_come() -> None:
    journey = Journey()
    await journey.sign_in()
    journey.engine.post(OpenChat("z"))
    await shows(journey, ChatState.LOADING)
    journey.warm()
    await shows(journey, ChatState.ABSENT)
    for task in journey._tasks:
        task.cancel()


@pytest.mark.parametrize("found", [True, False])
async def test_a_tab_that_follows_has_the_leader_fetch(found: bool) -> None:
    browser = FakeBrowser()
    leader, follower = Journey(browser), Journey(browser)
    follower.account = leader.account
    follower.device.key_store, follower.device.disks = leader.device.key_store, leader.device.disks
    follower.device.api = leader.device.api
    await leader.sign_in()
    leader.warm()
    await leader.current()
    follower.load()
    await follower.current()
    await fetching(follower)
    await leader.until(lambda: leader.sent("refetch"))
    make = leader.account
    rows = [make.chat("z", "Zeta", last_updated=1)] if found else []
    leader.deliver(Refetched(collection=CHATS, record_id="z", complete={"z": 1} if found else {}), chats=rows)
    await shows(follower, ChatState.EMPTY if found else ChatState.GONE)
    for task in leader._tasks + follower._tasks:
        task.cancel()
