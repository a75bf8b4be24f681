"""Several tabs of one browser: one owns the connection and the writes, the others follow, the next takes over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from hearth.core.protocol.server_events import (
    Changes,
    ErrorCode,
    FirstChatReady,
    Refetched,
    ServerError,
    SessionEnd,
    UpToDate,
)
from hearth.core.records.schema import Collection
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Phase
from hearth.engine.auth.notices import ANOTHER_ACCOUNT, SESSION_OVER
from hearth.engine.chats.printer import FETCHING
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.chats import OpenChat, PrintChat
from hearth.engine.queue_items import TabMessage
from hearth.engine.session import EVICTED
from hearth.engine.tabs.leader_watchdog import LeaderWatchdog
from hearth.engine.work_queue import Item
from hearth.ports.storage import Batch
from hearth.testing.tabs import FakeBrowser
from tests.account import MadeAccount
from tests.app.hearth.engine.test_engine import Journey
from tests.contracts.records import tombstone

Open = Callable[[], Journey]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens tabs of one browser, which share what is kept, what is stored, and the person."""
    browser = FakeBrowser()
    made: list[Journey] = []

    def open_tab() -> Journey:
        tab = Journey(browser)
        if made:
            tab.account = made[0].account
            tab.device.key_store, tab.device.disks = made[0].device.key_store, made[0].device.disks
            tab.device.api = made[0].device.api
        made.append(tab)
        return tab

    yield open_tab
    for tab in made:
        for task in tab._tasks:
            task.cancel()


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


async def test_a_follower_follows_changes_deletions_and_the_status(opened: Open) -> None:
    owner, follower = await pair(opened)
    make = owner.account
    owner.deliver(
        Changes(since="100", stamp="101"),
        chats=[tombstone("c"), make.chat("a", "Alpha renamed", 2, last_updated=50)],
        messages=[make.message("a", 60, "live")],
    )
    await follower.until(lambda: follower.titles() == ["Alpha renamed", "Beta"])
    await follower.until(lambda: "live" in follower.texts()[-1])
    owner.socket.fail()
    await follower.until(lambda: follower.screen.status.sentence.startswith("Offline"))
    await owner.greeted(2)
    owner.deliver(UpToDate(stamp="101"))
    await follower.current()


async def test_a_follower_follows_a_warming_from_its_beginning(opened: Open) -> None:
    owner = opened()
    await owner.sign_in()
    follower = opened()
    await follower.until(lambda: follower.device.stores)
    owner.warm()
    await owner.current()
    await follower.current()
    assert follower.titles() == ["Beta", "Gamma", "Alpha"]
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.state is ChatState.READY)
    assert follower.screen.chat
    assert follower.screen.chat.id == "a"
    assert follower.device.sockets == []


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


async def test_a_takeover_shows_what_was_stored_and_never_told(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.device.tabs.closed = True
    owner.deliver(
        Changes(since="100", stamp="101"),
        chats=[tombstone("c"), owner.account.chat("d", "Delta")],
        messages=[owner.account.message("a", 60, "unannounced")],
    )
    await owner.until(lambda: "Delta" in owner.titles())
    close(owner)
    await follower.until(lambda: "Delta" in follower.titles())
    assert "Gamma" not in follower.titles()
    assert (await follower.greeted(1))["since"] == "101"


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


async def test_what_is_opened_while_nobody_is_connected_reaches_the_server_later(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.device.tabs.heard = lambda _text: None
    follower.engine.post(OpenChat("b"))
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.id == "b")
    close(owner)
    await follower.greeted(1)
    follower.deliver(UpToDate(stamp="100"))
    await follower.until(lambda: follower.sent("opened"))
    assert follower.sent("opened")[0]["chat_id"] == "b"


async def test_a_record_that_does_not_open_in_a_follower_is_asked_for_once_by_the_owner(opened: Open) -> None:
    owner, follower = await pair(opened)
    make = owner.account
    damaged = make.message("b", 1, "hi") | {"content": make.message("b", 2, "moved")["content"]}
    owner.device.disks[make.id].messages["b"]["b-1"] = damaged
    follower.engine.post(OpenChat("b"))
    await owner.until(lambda: owner.sent("refetch"))
    assert [frame["record_id"] for frame in owner.sent("refetch")] == ["b-1"]
    owner.deliver(
        Refetched(collection=Collection.MESSAGES, record_id="b-1"),
        messages=[make.message("b", 1, "healed")],
    )
    await follower.until(lambda: follower.screen.chat and "healed" in follower.texts()[0])


async def test_nothing_that_tabs_say_holds_what_the_person_reads(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.deliver(
        Changes(since="100", stamp="101"),
        chats=[owner.account.chat("a", "Quokka", 2, last_updated=50)],
        messages=[owner.account.message("a", 60, "Quokka says hello")],
    )
    await follower.until(lambda: "Quokka" in follower.titles())
    follower.engine.post(OpenChat("b"))
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.id == "b")
    spoken = json.dumps([*owner.device.tabs.told, *follower.device.tabs.told])
    for word in ("Quokka", "Alpha", "Beta", "message 59", "hi\\\\", "Signature"):
        assert word not in spoken
    assert {type(each) for each in said(owner) + said(follower)} >= {
        tab_messages.Stored,
        tab_messages.LeaderStatus,
        tab_messages.OpenedElsewhere,
    }


async def test_signing_out_in_one_tab_signs_out_all_of_the_account_and_nobody_else(opened: Open) -> None:
    owner, follower = await pair(opened)
    stranger = json.dumps({"say": "signed-out"})
    follower.engine.post(TabMessage(stranger))
    follower.engine.post(TabMessage(tab_messages.write(tab_messages.SignedOut(account="other"))))
    follower.engine.post(OpenChat("c"))
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.id == "c")
    follower.engine.post(SignOut())
    await owner.until(lambda: owner.screen.phase is Phase.SIGNED_OUT)
    await follower.until(lambda: "signed-out" in follower.device.marks)
    assert owner.device.disks == {}
    assert owner.device.tabs.browser.lines[owner.account.id] == []


async def test_a_session_that_the_server_ended_is_explained_in_every_tab(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.deliver(ServerError(code=ErrorCode.SESSION, message="over", reason=SessionEnd.REVOKED))
    await follower.until(lambda: follower.screen.notice == SESSION_OVER)
    await owner.until(lambda: owner.screen.notice == SESSION_OVER)


async def test_storage_taken_away_from_all_tabs_is_filled_by_one(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.device.disks.clear()
    for tab in (owner, follower):
        assert tab.device.on_gone
        tab.device.on_gone(False)
    await owner.until(lambda: len(owner.device.sockets) + len(follower.device.sockets) == 2)
    filling = owner if len(owner.device.sockets) == 2 else follower
    await filling.greeted(len(filling.device.sockets))
    filling.warm()
    for tab in (owner, follower):
        await tab.until(lambda tab=tab: tab.screen.status.sentence == f"Up to date. {EVICTED}")  # type: ignore[misc]
    assert owner.titles() == follower.titles() == ["Beta", "Gamma", "Alpha"]
    assert len(owner.device.sockets) + len(follower.device.sockets) == 2


async def test_the_latest_sign_in_is_the_one_that_stays(opened: Open) -> None:
    owner, _ = await pair(opened)
    owner.engine.post(TabMessage(tab_messages.write(tab_messages.SignedIn(account="other", at=1))))
    owner.engine.post(OpenChat("b"))
    await owner.until(lambda: owner.screen.chat and owner.screen.chat.id == "b")
    owner.engine.post(TabMessage(tab_messages.write(tab_messages.SignedIn(account="other", at=2**50))))
    await owner.until(lambda: owner.screen.notice == ANOTHER_ACCOUNT)
    assert owner.titles() == []


def rows(account: MadeAccount, count: int) -> list[dict[str, Any]]:
    """Chats."""
    return [account.chat(f"n{n}", f"Chat {n}", last_updated=100 + n) for n in range(count)]


async def test_many_chats_at_once_reach_a_follower_too(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.deliver(Changes(since="100", stamp="101"), chats=[*rows(owner.account, 20), tombstone("b")])
    await follower.until(lambda: len(follower.titles()) == 22)
    assert "Beta" not in follower.titles()


async def test_a_chat_that_is_printed_in_a_tab_that_follows_is_fetched_by_the_one_that_leads(opened: Open) -> None:
    owner, follower = await pair(opened)
    far = owner.account.chat("far", "Far back", last_updated=50)
    owner.deliver(Changes(since="100", stamp="101"), chats=[far])
    await follower.until(lambda: "Far back" in follower.titles(), "the chat")
    follower.engine.post(OpenChat("far"))
    await owner.until(lambda: owner.sent("want"), "want")
    follower.engine.post(PrintChat("far"))
    await owner.until(lambda: len(owner.sent("want")) == 2, "want again")
    await follower.until(lambda: follower.screen.printing.sentence == FETCHING)
    words = [owner.account.message("far", n, f"word {n}") for n in range(90)]
    owner.deliver(Changes(since="101", stamp="101", complete={"far": 1}), chats=[far], messages=words)
    await follower.until(lambda: follower.screen.printing.due, "printed")
    assert len(follower.texts()) == 90
