"""One tab leads: it is found, given up and replaced, and only it writes."""

from __future__ import annotations

import asyncio

import pytest

from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    UpToDate,
)
from hearth.core.tabs import messages as tab_messages
from hearth.engine.intents.chats import OpenChat
from hearth.engine.tabs.leader_watchdog import LeaderWatchdog
from hearth.engine.work_queue import Item
from hearth.ports.storage import Batch
from tests.app.hearth.engine.journey import Journey, Open


async def pair(opened: Open) -> tuple[Journey, Journey]:
    """A tab that owns a warmed account, and one that follows it."""
    owner = opened()
    await owner.sign_in()
    owner.warm()
    await owner.current()
    follower = opened()
    await follower.current()
    return owner, follower


def close(tab: Journey) -> None:
    """The tab is closed, without a word."""
    for task in tab._tasks:
        task.cancel()
    if tab.device.sockets:
        tab.socket.closed = True
    tab.device.tabs.close()


def said(tab: Journey) -> list[tab_messages.Said]:
    """What a tab said to the others."""
    return [message for message in map(tab_messages.read, tab.device.tabs.told) if message]


async def test_a_second_tab_shows_everything_without_a_connection_of_its_own(opened: Open) -> None:
    _, follower = await pair(opened)
    assert follower.titles() == ["Beta", "Gamma", "Alpha"]
    assert follower.screen.chat
    assert follower.screen.chat.title == "Alpha"
    assert follower.device.sockets == []
    assert "up-to-date" in follower.device.marks


async def test_a_tab_that_gets_no_answer_asks_again(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hearth.engine.tabs.role.ASK_AGAIN_S", 0.005)
    owner = opened()
    await owner.sign_in()
    owner.warm()
    await owner.current()
    listening, owner.device.tabs.heard = owner.device.tabs.heard, lambda _text: None
    follower = opened()
    await follower.until(lambda: said(follower).count(tab_messages.Ask(account=owner.account.id)) > 1)
    owner.device.tabs.heard = listening
    await follower.current()
    asked = len(said(follower))
    follower.engine.post(OpenChat("b"))
    await owner.until(lambda: owner.sent("opened"))
    again = [each for each in said(follower)[asked:] if isinstance(each, tab_messages.Ask)]
    assert len(again) <= 1, "one may have been due already when the answer came; it asks no more every 5 ms"


def test_an_owner_is_given_up_when_it_is_silent_for_long_and_never_for_what_the_asker_slept() -> None:
    patience = LeaderWatchdog()
    assert [patience.asked(at) for at in (0.0, 5.0, 10.0, 14.9)] == [False] * 4
    assert patience.asked(15.0)
    patience.answered()
    assert [patience.asked(at) for at in (20.0, 30.0, 3_630.0, 3_635.0, 3_640.0)] == [False] * 5
    assert patience.asked(3_645.0)


async def test_an_owner_that_hangs_is_displaced_and_follows_when_it_comes_to(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearth.engine.tabs.leader_watchdog.SIGN_OF_LIFE_S", 0.002)
    monkeypatch.setattr("hearth.engine.tabs.role.SIGN_OF_LIFE_S", 0.002)
    monkeypatch.setattr("hearth.engine.tabs.leader_watchdog.HUNG_S", 0.003)
    owner, follower = await pair(opened)
    gate, serve = asyncio.Event(), owner.engine._serve

    async def hang(item: Item) -> None:
        await gate.wait()
        await serve(item)

    monkeypatch.setattr(owner.engine, "_serve", hang)
    follower.engine.post(OpenChat("b"))  # The owner serves one thing more as it did.
    await owner.until(lambda: owner.sent("opened"))
    follower.device.seen = False
    owner.deliver(Changes(since="100", stamp="101"), chats=[owner.account.chat("d", "Not written")])
    asked = len(said(follower))
    for _ in range(20):
        follower.device.clock += 0.001
        await asyncio.sleep(0.002)
    assert len(said(follower)) == asked, "a tab that nobody sees takes nothing"
    follower.device.seen = True
    while not follower.device.sockets:
        follower.device.clock += 0.001
        await asyncio.sleep(0.001)
    assert (await follower.greeted(1))["since"] == "100"
    follower.deliver(Changes(since="100", stamp="102"), chats=[owner.account.chat("e", "Epsilon")])
    await follower.current()
    gate.set()
    await owner.until(lambda: "Epsilon" in owner.titles())
    assert owner.socket.closed
    assert "Not written" not in owner.titles()
    assert (await follower.device.stores[-1].sync_state()).cursor == "102"
    follower.deliver(Changes(since="102", stamp="103"), chats=[owner.account.chat("f", "Zeta")])
    await owner.until(lambda: "Zeta" in owner.titles())
    close(follower)
    assert (await owner.greeted(2))["since"] == "103"


async def test_only_the_owner_writes(opened: Open) -> None:
    owner, follower = await pair(opened)
    written: list[Batch] = []

    async def apply(batch: Batch) -> None:
        written.append(batch)

    follower.device.stores[-1].apply = apply  # type: ignore[method-assign]
    follower.engine.post(OpenChat("b"))
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.id == "b")
    await owner.until(lambda: owner.sent("opened"))
    assert owner.sent("opened")[0]["chat_id"] == "b"
    assert (await owner.device.stores[-1].sync_state()).last_opened == "b"
    assert written == []
    assert owner.screen.chat
    assert owner.screen.chat.id == "a", "what is open in one tab is not opened in the other"


async def test_the_next_tab_takes_over_from_where_the_last_one_stood(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.deliver(Changes(since="100", stamp="101"), chats=[owner.account.chat("d", "Delta")])
    await follower.until(lambda: "Delta" in follower.titles())
    close(owner)
    hello = await follower.greeted(1)
    assert (hello["since"], hello["have"]) == ("101", {})
    follower.deliver(UpToDate(stamp="101"))
    await follower.current()
    follower.deliver(Changes(since="101", stamp="102"), chats=[owner.account.chat("e", "Epsilon")])
    await follower.until(lambda: "Epsilon" in follower.titles())


async def test_a_takeover_in_the_middle_of_a_warming_asks_for_the_rest_only(opened: Open) -> None:
    owner = opened()
    await owner.sign_in()
    make = owner.account
    owner.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[make.message("a", 1, "x")],
    )
    await owner.until(lambda: owner.screen.chat)
    follower = opened()
    await follower.until(lambda: follower.titles() == ["Alpha"])
    close(owner)
    hello = await follower.greeted(1)
    assert (hello["since"], hello["have"]) == (None, {"a": 1})
