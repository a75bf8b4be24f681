"""The device's clock is watched: midnight, another zone, a clock that was set, and no false alarm."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hearth.engine.clock_watch import ClockWatch
from hearth.engine.queue_items import ClockChanged, SessionItem
from hearth.testing.device import FakeDevice
from tests.zones import zone_of

LATE = datetime(2026, 6, 15, 23, 59, 55, tzinfo=UTC)


class Watched:
    def __init__(self) -> None:
        self.device = FakeDevice()
        self.device.today = LATE
        self.posted: list[SessionItem] = []
        self.watch = ClockWatch(self.device, self.posted.append, look_s=0)

    async def look(self) -> int:
        """Let it look at the clock a few times; how often it has posted since the last look."""
        for _ in range(6):
            await asyncio.sleep(0)
        posted, self.posted[:] = list(self.posted), []
        assert all(each == ClockChanged() for each in posted)
        return len(posted)

    def passes(self, shown_s: float, really_s: float | None = None) -> None:
        self.device.today += timedelta(seconds=shown_s)
        self.device.clock += shown_s if really_s is None else really_s


@pytest.fixture
async def watched() -> Watched:
    watched = Watched()
    watched.watch.start()
    assert await watched.look() == 0
    return watched


async def test_time_that_passes_within_a_day_is_no_change(watched: Watched) -> None:
    watched.passes(4)
    assert await watched.look() == 0


async def test_midnight_is_told_once(watched: Watched) -> None:
    watched.passes(10)
    assert await watched.look() == 1
    watched.passes(10)
    assert await watched.look() == 0


async def test_another_time_zone_is_told(watched: Watched) -> None:
    watched.device.today = watched.device.today.astimezone(zone_of("Africa/Monrovia"))
    assert await watched.look() == 1


@pytest.mark.parametrize("jump_s", [-61, 61, 3 * 3600, -5 * 3600])
async def test_a_clock_that_is_set_or_a_device_that_slept_is_told(watched: Watched, jump_s: float) -> None:
    watched.passes(-12 * 3600, 0)
    assert await watched.look() == 1
    watched.passes(jump_s, 0)
    assert await watched.look() == 1


async def test_nothing_is_told_after_the_end(watched: Watched) -> None:
    watched.watch.stop()
    watched.passes(3600)
    assert await watched.look() == 0
