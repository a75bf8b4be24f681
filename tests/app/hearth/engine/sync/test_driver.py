"""The driver of the sync: frames are stored in turn, and whatever comes out of turn costs only time."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import MalformedFrame, WrongVersion
from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    RecentChatsReady,
    ServerEvent,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.testing.network import FakeSocket
from tests.app.hearth.engine.journey import Journey
from tests.contracts.records import tombstone

CHATS, MESSAGES, ENTRIES = Collection


async def test_an_interrupted_warming_resumes_with_what_is_missing(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[make.message("a", 1, "x")],
    )
    await journey.until(lambda: journey.screen.chat)
    journey.socket.fail()
    hello = await journey.greeted(2)
    assert hello["since"] is None
    assert hello["have"] == {"a": 1}
    journey.deliver(FirstChatReady(chat_id="a", complete={"a": 1}))
    journey.deliver(RecentChatsReady(total_chats=1, complete={"a": 1}))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={}, total_chats=1))
    await journey.current()


async def test_changes_apply_live_with_deletions(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    journey.deliver(
        Changes(since="100", stamp="101"),
        chats=[tombstone("c"), make.chat("a", "Alpha renamed", 2, last_updated=50)],
        messages=[make.message("a", 60, "live")],
        entries=[],
    )
    await journey.until(lambda: journey.titles() == ["Alpha renamed", "Beta"])
    await journey.until(lambda: "live" in journey.texts()[-1])
    assert journey.screen.chat
    assert journey.screen.chat.title == "Alpha renamed"
    assert journey.sent("ack")[-1]["stamp"] == "101"


async def test_a_missed_push_connects_anew_from_where_the_device_stands(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.deliver(Changes(since="150", stamp="151"), chats=[journey.account.chat("b", "Too early", 9)])
    hello = await journey.greeted(2)
    assert hello["since"] == "100"
    assert "Too early" not in journey.titles()


async def test_a_count_that_does_not_add_up_is_not_called_complete(journey: Journey) -> None:
    await journey.sign_in()
    journey.deliver(FirstChatReady(chat_id=None))
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1}, total_chats=1))
    hello = await journey.greeted(2)
    assert hello["since"] is None
    assert "warm" not in journey.device.marks


@pytest.mark.parametrize("boundary", range(6))
async def test_the_socket_closing_at_any_event_boundary_costs_only_time(journey: Journey, boundary: int) -> None:
    await journey.sign_in()
    deliver, left = journey.deliver, [boundary]

    def limited(event: ServerEvent, **rows: list[dict[str, Any]]) -> None:
        if left[0]:
            left[0] -= 1
            deliver(event, **rows)

    journey.deliver = limited  # type: ignore[method-assign]
    journey.warm()
    journey.deliver = deliver  # type: ignore[method-assign]
    journey.socket.fail()
    hello = await journey.greeted(2)
    if boundary == 5:
        assert hello["since"] == "100"
        journey.deliver(UpToDate(stamp="100"))
    else:
        assert hello["since"] is None
        journey.warm()
    await journey.current()
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]


@pytest.mark.parametrize("error", [MalformedFrame("The server sent nonsense."), OverflowError("lost")])
async def test_a_frame_that_cannot_be_read_is_told_and_connects_anew(journey: Journey, error: Exception) -> None:
    await journey.sign_in()
    journey.socket.fail(error)
    await journey.greeted(2)
    assert any(str(error) in screen.status.sentence for screen in journey.page.screens)


async def test_a_newer_protocol_asks_for_a_reload(journey: Journey) -> None:
    await journey.sign_in()
    journey.socket.fail(WrongVersion("version 2"))
    await journey.until(lambda: "Reload" in journey.screen.status.sentence)


async def test_events_that_come_twice_and_out_of_order_change_nothing(journey: Journey) -> None:
    await journey.sign_in()
    frames: list[tuple[ServerEvent, dict[Collection, Any] | None]] = []
    real = FakeSocket.deliver

    def collect(event: ServerEvent, records: dict[Collection, Any] | None = None) -> None:
        frames.append((event, records))

    journey.socket.deliver = collect  # type: ignore[method-assign]
    journey.warm()
    for event, records in [*reversed(frames), *frames]:
        real(journey.socket, event, records)
    await journey.current()
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]
    assert journey.device.marks.count("warm") == 1


async def test_a_change_in_several_frames_reaches_the_open_chat_with_the_last(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    renamed = make.chat("a", "Alpha", version=2)
    journey.deliver(Changes(since="100", stamp="100", batch=1, of=2), chats=[renamed])
    journey.deliver(Changes(since="100", stamp="101", batch=2, of=2), messages=[make.message("a", 99, "the last word")])
    await journey.until(lambda: "the last word" in journey.texts()[-1], "the message of the second frame")
