"""Printing a chat: every message of it is on screen first, and until then, or if that fails, a sentence says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.errors import StorageError
from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    RecentChatsReady,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.view.open_chat import ChatState, Printing
from hearth.core.view.screen import Screen
from hearth.engine.chats.printer import FETCHING, LOADING, NOT_HERE, NOT_READ, PRINT_MESSAGES
from hearth.engine.intents.chats import CloseChat, OpenChat, PrintChat
from tests.app.hearth.engine.journey import Journey
from tests.contracts.records import tombstone

CHATS, MESSAGES, _ENTRIES = Collection
LONG = 2 * PRINT_MESSAGES + 75


@pytest.fixture
async def journey() -> AsyncIterator[Journey]:
    """A device that is up to date, with a long chat that is open."""
    made = Journey()
    await made.sign_in()
    make = made.account
    messages = [make.message("a", n, f"message {n}") for n in range(LONG)]
    made.deliver(FirstChatReady(chat_id="a", complete={"a": 1}), chats=[make.chat("a", "Alpha")], messages=messages)
    made.deliver(RecentChatsReady(total_chats=2, complete={"b": 1}), chats=[make.chat("b", "Beta")])
    made.deliver(SettingsAndMemoriesReady())
    made.deliver(WarmingComplete(stamp="100", sent={CHATS: 2, MESSAGES: LONG}, total_chats=2))
    await made.current()
    await shown(made, 40)
    yield made
    for task in made._tasks:
        task.cancel()


async def shown(journey: Journey, messages: int) -> None:
    """Wait until the open chat shows so many messages."""
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == messages, f"{messages}")


def printed(journey: Journey) -> list[Screen]:
    """The screens with which something was to be printed, each once."""
    due = {id(screen.printing): screen for screen in reversed(journey.page.screens) if screen.printing.due}
    return list(due.values())


def said(journey: Journey) -> list[str]:
    """The sentences about printing, in their order."""
    return list(dict.fromkeys(each.printing.sentence for each in journey.page.screens if each.printing.sentence))


def numbers(screen: Screen) -> list[int]:
    """The numbers of the messages on screen."""
    assert screen.chat
    return [int(message.id.split("-")[1]) for message in screen.chat.messages]


def one_more(journey: Journey) -> None:
    """A message comes from elsewhere."""
    make = journey.account
    chats, messages = [make.chat("a", "Alpha", version=2)], [make.message("a", LONG, "later")]
    journey.deliver(Changes(since="100", stamp="101"), chats=chats, messages=messages)


async def far_chat(journey: Journey) -> dict[str, Any]:
    """A chat of which only what changed is on the device is open: its record."""
    chat = journey.account.chat("far", "Far back", last_updated=50)
    journey.deliver(Changes(since="100", stamp="101"), chats=[chat])
    await journey.until(lambda: "Far back" in journey.titles(), "the chat")
    journey.engine.post(OpenChat("far"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.LOADING)
    return chat


async def test_every_message_is_on_screen_before_the_chat_is_printed(journey: Journey) -> None:
    journey.engine.post(PrintChat("a"))
    await journey.until(lambda: printed(journey))
    (screen,) = printed(journey)
    assert numbers(screen) == list(range(LONG))
    assert screen.printing == Printing("a", due=True)
    assert said(journey) == [LOADING]
    one_more(journey)
    await shown(journey, LONG + 1)
    assert numbers(journey.screen)[0] == 0
    assert len(printed(journey)) == 1
    journey.engine.post(PrintChat("a"))
    await journey.until(lambda: len(printed(journey)) == 2, "printed again")


async def test_a_chat_that_was_opened_at_an_old_message_is_printed_to_its_end(journey: Journey) -> None:
    old = journey.account.message("a", 150, "")
    journey.engine.post(OpenChat("a", old["id"], old["created_at"]))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.has_newer)
    journey.engine.post(PrintChat("a"))
    await journey.until(lambda: printed(journey))
    assert numbers(printed(journey)[0]) == list(range(LONG))


async def test_an_empty_chat_is_printed_at_once(journey: Journey) -> None:
    journey.engine.post(OpenChat("b"))
    journey.engine.post(PrintChat("b"))
    await journey.until(lambda: printed(journey))


async def test_what_arrives_meanwhile_is_printed_as_well(journey: Journey) -> None:
    journey.engine.post(PrintChat("a"))
    one_more(journey)
    await journey.until(lambda: printed(journey))
    await shown(journey, LONG + 1)
    assert len(printed(journey)) == 1


@pytest.mark.parametrize("leaves", [OpenChat("b"), CloseChat()])
async def test_who_leaves_the_chat_prints_nothing(journey: Journey, leaves: OpenChat | CloseChat) -> None:
    journey.engine.post(PrintChat("a"))
    journey.engine.post(leaves)
    await journey.until(lambda: said(journey) == [LOADING] and not journey.screen.printing.sentence)
    journey.engine.post(OpenChat("a"))
    await shown(journey, 40)
    assert printed(journey) == []


async def test_a_chat_that_is_not_here_as_a_whole_is_fetched_first(journey: Journey) -> None:
    chat = await far_chat(journey)
    journey.engine.post(PrintChat("far"))
    await journey.until(lambda: said(journey) == [FETCHING])
    assert {each["chat_id"] for each in journey.sent("want")} == {"far"}
    messages = [journey.account.message("far", n, f"word {n}") for n in range(90)]
    journey.deliver(Changes(since="101", stamp="101", complete={"far": 1}), chats=[chat], messages=messages)
    await journey.until(lambda: printed(journey))
    assert numbers(printed(journey)[0]) == list(range(90))
    assert said(journey) == [FETCHING, LOADING]


async def test_without_a_connection_a_chat_that_is_not_here_is_not_printed_and_that_is_said(journey: Journey) -> None:
    chat = await far_chat(journey)
    journey.engine.post(PrintChat("far"))
    await journey.until(lambda: said(journey) == [FETCHING])
    journey.socket.fail()
    await journey.until(lambda: journey.screen.printing.sentence == NOT_HERE)
    await journey.greeted(2)
    journey.deliver(UpToDate(stamp="101"))
    message = journey.account.message("far", 1, "word")
    journey.deliver(Changes(since="101", stamp="101", complete={"far": 1}), chats=[chat], messages=[message])
    await shown(journey, 1)
    assert printed(journey) == []


async def test_a_chat_that_is_deleted_meanwhile_is_not_printed(journey: Journey) -> None:
    chat = await far_chat(journey)
    journey.engine.post(PrintChat("far"))
    await journey.until(lambda: said(journey) == [FETCHING])
    journey.deliver(Changes(since="101", stamp="102"), chats=[tombstone(chat["id"])])
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.GONE)
    await journey.until(lambda: not journey.screen.printing.sentence)
    assert printed(journey) == []


async def test_a_chat_that_cannot_be_read_is_not_printed_and_that_is_said(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_asked: Any) -> Any:
        raise StorageError("The disk is broken.")

    monkeypatch.setattr(journey.device.stores[-1], "messages", fails)
    journey.engine.post(PrintChat("a"))
    await journey.until(lambda: journey.screen.printing.sentence == NOT_READ)
    await journey.until(lambda: len(journey.device.stores) == 2, "storage is opened anew")
    assert printed(journey) == []
    journey.engine.post(PrintChat("a"))
    await journey.until(lambda: printed(journey))
    assert len(numbers(printed(journey)[0])) == LONG
