"""What a device cannot be trusted with: its clock, and the room on its disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hearth.core.sync.server_clock import ServerClock
from hearth.core.view.message import Delivery
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import SendMessage, TypeDraft
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.mutations import NO_ROOM
from hearth.testing.device import FakeDevice
from tests.app.hearth.engine.writing.live import Live, items, last, opened, screen, texts


def test_the_time_of_what_is_written_is_the_servers_and_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    device, server = FakeDevice(), ServerClock()
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(device, "now", lambda: now)
    clock = WritingClock(device, server)
    right = round(now.timestamp() * 1000)
    assert clock.next_ms() == right, "without a server the device's own"
    server.ask(right)
    server.answered(right + 3 * 86_400_000, right)
    assert clock.now_ms() == right + 3 * 86_400_000
    first = clock.next_ms()
    now -= timedelta(days=400)
    assert clock.next_ms() == first + 1
    assert clock.next_ms(after=first + 50) == first + 51


@pytest.mark.parametrize("days", [-400.0, -0.2, 3.0])
def test_a_device_whose_clock_is_wrong_writes_in_order_and_at_the_right_time(there: Live, days: float) -> None:
    one, two = there.signed_in(), there.signed_in()
    right = one.device.now
    one.device.now = lambda: right() + timedelta(days=days)  # type: ignore[method-assign]
    there.reload(one)
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    for number in range(3):
        there.do(one, SendMessage(chat, f"one {number}"))
        there.do(two, SendMessage(chat, f"two {number}"))
    one.device.now = right  # type: ignore[method-assign]
    there.wait(90)  # the watch notices that it was set, and has the server asked
    there.do(one, SendMessage(chat, "set right"))
    written = [f"{who} {number}" for number in range(3) for who in ("one", "two")]
    for browser in (one, two):
        assert texts(browser)[-7:] == [*written, "set right"]
        assert items(browser)[0].id == chat
    sent = [each.created_at for each in opened(two).messages[-7:]]
    assert sent == sorted(set(sent))
    assert abs(sent[-1] - right().timestamp() * 1000) < 60_000


def test_on_a_full_disk_a_message_stays_in_the_box_and_says_so(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    before = texts(one)
    there.do(one, TypeDraft(chat, "too much"), wait=5)
    one.device.budget = 1
    there.do(one, SendMessage(chat, "too much for this device"))
    assert screen(one).composer.problem == NO_ROOM
    assert texts(one) == before
    one.device.budget = None
    there.do(one, SendMessage(chat, "too much for this device"), wait=10)
    assert screen(one).composer.problem == ""
    assert (texts(one)[-1], last(one).delivery) == ("too much for this device", Delivery.DONE)
