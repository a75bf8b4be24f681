"""Opening a chat: read once, asked for where it is not here, and asked for again with the next connection."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.protocol.server_events import (
    Changes,
    UpToDate,
)
from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.chats import OpenChat
from hearth.ports.storage import Batch
from tests.app.hearth.engine.journey import Journey


async def test_a_chat_from_beyond_the_warming_is_asked_for_before_it_is_shown(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    far = make.chat("far", "Far back", last_updated=50)
    journey.deliver(Changes(since="100", stamp="101"), chats=[far], messages=[make.message("far", 9, "the newest")])
    await journey.until(lambda: "Far back" in journey.titles(), "the chat")
    # What came before is not here: it must not look as if the chat had but one message, after a reload neither.
    journey.load()
    await journey.greeted(2)
    journey.engine.post(OpenChat("far"))
    await journey.until(lambda: journey.sent("want"), "want")
    assert journey.screen.chat
    assert journey.screen.chat.state is ChatState.LOADING
    whole = [make.message("far", n, f"word {n}") for n in range(1, 9)]
    journey.deliver(UpToDate(stamp="101"))
    await journey.current()
    journey.deliver(Changes(since="101", stamp="101", complete={"far": 1}), chats=[far], messages=whole)
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 9, "all of it")
    assert "the newest" in journey.texts()[-1]


async def test_what_could_not_be_asked_for_is_asked_for_with_the_next_connection(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    far = journey.account.chat("far", "Far back", last_updated=50)
    journey.deliver(Changes(since="100", stamp="101"), chats=[far])
    await journey.until(lambda: "Far back" in journey.titles(), "the chat")
    journey.socket.fail()
    journey.engine.post(OpenChat("far"))
    await journey.greeted(2)
    journey.deliver(UpToDate(stamp="101"))
    await journey.until(lambda: journey.sent("want"), "want")
    assert journey.sent("want")[0]["chat_id"] == "far"


async def test_a_chat_is_read_once_and_its_page_is_full_before_anything_is_written_down(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.until(lambda: journey.sent("ack"))
    done: list[str] = []
    store = journey.device.stores[-1]
    read, write = store.messages, store.apply

    async def messages(*asked: Any, **named: Any) -> Any:
        done.append("read")
        return await read(*asked, **named)

    async def apply(batch: Batch) -> None:
        done.append(f"write, {len(journey.screen.chat.messages) if journey.screen.chat else 0} shown")
        await write(batch)

    monkeypatch.setattr(store, "messages", messages)
    monkeypatch.setattr(store, "apply", apply)
    journey.engine.post(OpenChat("b"))
    journey.engine.post(OpenChat("a"))
    await journey.until(lambda: len(done) >= 4)
    assert done == ["read", "read", "write, 40 shown", "write, 40 shown"]
    sizes = [len(each.chat.messages) for each in journey.page.screens if each.chat and each.chat.id == "a"]
    assert sizes[-2:] == [12, 40]
