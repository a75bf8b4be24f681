"""The chats in memory: what does not open is one notice, and is not asked for again and again."""

from __future__ import annotations

from hearth.core.protocol.server_events import (
    FirstChatReady,
    Pong,
    RecentChatsReady,
    Refetched,
    SettingsAndMemoriesReady,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.engine.intents.chats import OpenChat
from tests.app.hearth.engine.journey import Journey

CHATS, MESSAGES, ENTRIES = Collection


async def test_an_unreadable_message_is_one_notice_and_refetched_once(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    good = make.message("a", 2, "healed")
    broken = good | {"content": make.message("a", 3, "moved")["content"]}
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[make.message("a", 1, "fine"), broken],
    )
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1, MESSAGES: 2}, total_chats=1))
    await journey.current()
    assert journey.screen.chat
    assert [bool(message.fault) for message in journey.screen.chat.messages] == [False, True]
    assert "AQ" not in journey.texts()[1]
    await journey.until(lambda: journey.sent("refetch"))
    (asked,) = journey.sent("refetch")
    assert asked["collection"] == "messages"
    assert asked["record_id"] == "a-2"
    journey.deliver(Refetched(collection=MESSAGES, record_id="a-2"), messages=[good])
    await journey.until(lambda: journey.screen.chat and not journey.screen.chat.messages[1].fault)
    assert "healed" in journey.texts()[1]


async def test_a_record_that_stays_unreadable_is_not_asked_for_again(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    broken = make.message("a", 2, "x") | {"content": make.message("a", 3, "moved")["content"]}
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[broken],
    )
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1, MESSAGES: 1}, total_chats=1))
    await journey.until(lambda: journey.sent("refetch"))
    journey.deliver(Refetched(collection=MESSAGES, record_id="a-2"), messages=[broken])
    journey.engine.post(OpenChat("a"))
    journey.deliver(Pong())
    await journey.until(journey.device.sockets[-1]._frames.empty)
    await journey.current()
    assert len(journey.sent("refetch")) == 1
