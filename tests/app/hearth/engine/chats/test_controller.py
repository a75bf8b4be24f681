"""The open chat and the list: pages of messages, dates, and the person's own choice."""

from __future__ import annotations

from datetime import timedelta

from hearth.core.protocol.server_events import (
    FirstChatReady,
    RecentChatsReady,
    RemainingChatsReady,
    SettingsAndMemoriesReady,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.chats import CloseChat, OpenChat, ShowOlder
from hearth.engine.intents.search import Search
from hearth.engine.queue_items import ClockChanged
from tests.app.hearth.engine.journey import Journey
from tests.app.hearth.engine.sync.test_status_line import now_ms

CHATS, MESSAGES, ENTRIES = Collection


async def test_the_persons_own_choice_wins_over_the_first_chat(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    journey.deliver(FirstChatReady(chat_id=None))
    journey.deliver(
        RecentChatsReady(total_chats=2, complete={"b": 1}),
        chats=[make.chat("b", "Beta"), make.chat("c", "Gamma")],
        messages=[make.message("b", 1, "hi")],
    )
    await journey.until(lambda: len(journey.titles()) == 2)
    journey.engine.post(OpenChat("c"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.id == "c")
    assert journey.screen.chat
    assert journey.screen.chat.state is ChatState.LOADING
    assert journey.sent("want") == [{"v": 1, "event": "want", "chat_id": "c"}]
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(RemainingChatsReady(complete={"c": 1}), messages=[make.message("c", 1, "wanted")])
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.READY)
    assert "wanted" in journey.texts()[0]


async def test_older_messages_come_page_by_page_and_the_list_is_a_step_back(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 40)
    journey.engine.post(ShowOlder())
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 60)
    assert journey.screen.chat
    assert not journey.screen.chat.has_older
    assert "message 0" in journey.texts()[0]
    journey.engine.post(CloseChat())
    await journey.until(lambda: journey.screen.chat is None)


async def test_after_midnight_the_list_the_open_chat_and_the_search_are_dated_anew(journey: Journey) -> None:
    await journey.sign_in()
    make, today = journey.account, now_ms(journey)
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha", last_updated=today)],
        messages=[make.message("a", n, f"message {n}", created_at=today) for n in range(30)],
    )
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1, MESSAGES: 30}, total_chats=1))
    await journey.current()
    journey.engine.post(Search("message on:today"))
    await journey.until(lambda: journey.screen.search.groups)
    assert journey.screen.groups[0].label == "Today"
    journey.device.today += timedelta(hours=12)
    journey.engine.post(ClockChanged())
    await journey.until(lambda: journey.screen.groups[0].label == "Yesterday")
    await journey.until(lambda: not journey.screen.search.groups, "nothing of today")
    assert journey.screen.chat
    assert {message.day for message in journey.screen.chat.messages} == {"Yesterday"}
    assert len(journey.screen.chat.messages) == 30
