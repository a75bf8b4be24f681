"""What a frame brings is stored and opened once; what breaks the registry is counted."""

from __future__ import annotations

from dataclasses import replace

from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    RecentChatsReady,
    Refetched,
)
from hearth.core.records.schema import Collection
from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Screen
from hearth.engine.intents.chats import OpenChat
from hearth.ports.records import Frame
from tests.app.hearth.engine.journey import Journey

CHATS, MESSAGES, ENTRIES = Collection


async def test_the_first_chat_is_on_screen_before_anything_is_stored(journey: Journey) -> None:
    await journey.sign_in()
    store = journey.device.stores[-1]
    stored_then: list[int] = []
    draw = journey.page.draw

    def watching(screen: Screen) -> None:
        if screen.chat and screen.chat.state is ChatState.READY and not stored_then:
            stored_then.append(len(store._disk.chats))
        draw(screen)

    journey.page.draw = watching  # type: ignore[method-assign]
    journey.warm()
    await journey.current()
    assert stored_then == [0]


async def test_chats_that_were_only_listed_are_named_to_the_server(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    journey.deliver(FirstChatReady(chat_id=None))
    journey.deliver(
        RecentChatsReady(total_chats=2, complete={"a": 1}),
        chats=[make.chat("a", "Alpha"), make.chat("b", "Beta")],
    )
    await journey.until(lambda: len(journey.titles()) == 2)
    journey.socket.fail()
    hello = await journey.greeted(2)
    assert hello["have"] == {"a": 1, "b": 0}


async def test_records_that_break_the_registry_are_counted_for_the_person(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    event = Changes(seq=6, since="100", stamp="101")
    journey.socket._frames.put_nowait(replace(Frame(event, {}), refused=2))
    await journey.until(lambda: "2 items" in journey.screen.status.sentence)


async def test_a_chat_that_is_fetched_in_several_frames_is_partial_until_the_last(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    part = Refetched(collection=CHATS, record_id="far", batch=1, of=2)
    journey.deliver(part, chats=[make.chat("far", "Far back")], messages=[make.message("far", 1, "one")])
    await journey.until(lambda: "Far back" in journey.titles(), "the chat")
    store = journey.device.stores[-1]
    assert (await store.sync_state()).partial == {"far"}
    journey.deliver(replace(part, batch=2, complete={"far": 1}), messages=[make.message("far", 2, "two")])
    journey.engine.post(OpenChat("far"))
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 2, "all of it")
    assert (await store.sync_state()).partial == set()
