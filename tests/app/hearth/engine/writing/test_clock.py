"""The time of what is written: corrected by the server's, and never the same or earlier twice."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hearth.core.sync.server_clock import ServerClock
from hearth.engine.writing.clock import WritingClock
from hearth.testing.device import FakeDevice


@given(st.lists(st.tuples(st.integers(-10_000, 10_000), st.integers(0, 10_000))))
def test_whatever_the_clock_does_times_rise(moves: list[tuple[int, int]]) -> None:
    device = FakeDevice()
    clock = WritingClock(device, ServerClock())
    base, last = clock.now_ms(), 0
    for move, after in moves:
        device.today += timedelta(milliseconds=move)
        made = clock.next_ms(base + after)
        assert made > max(last, base + after)
        assert made >= clock.now_ms()
        last = made


def test_it_is_the_servers_time_where_that_is_known() -> None:
    device, server = FakeDevice(), ServerClock()
    clock = WritingClock(device, server)
    before = clock.now_ms()
    server.ahead_ms = 90_000
    assert clock.now_ms() == before + 90_000
    device.clock = 7.0
    assert clock.monotonic() == device.monotonic()
