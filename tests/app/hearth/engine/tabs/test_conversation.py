"""What the account's tabs say to each other."""

from __future__ import annotations

import json

from hearth.core.protocol.server_events import (
    Changes,
    Refetched,
    UpToDate,
)
from hearth.core.records.schema import Collection
from hearth.core.tabs import messages as tab_messages
from hearth.engine.chats.printer import FETCHING
from hearth.engine.intents.chats import OpenChat, PrintChat
from tests.app.hearth.engine.journey import Open
from tests.app.hearth.engine.tabs.test_role import close, pair, said


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
