"""The status line: a clock that differs is told until it is set."""

from __future__ import annotations

from datetime import timedelta

from hearth.core.protocol.server_events import (
    Changes,
    Pong,
    UpToDate,
)
from hearth.engine.queue_items import ClockChanged
from tests.app.hearth.engine.journey import Journey


def now_ms(journey: Journey) -> int:
    return round(journey.device.today.timestamp() * 1000)


async def test_a_clock_that_differs_from_the_servers_is_told_until_it_is_set(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.until(lambda: journey.sent("ping"))
    journey.deliver(Pong(time=now_ms(journey) - 3 * 24 * 3600 * 1000))
    said = "Up to date. This device's clock is 3 days ahead of the server's: dates and times may be wrong."
    await journey.until(lambda: journey.screen.status.sentence == said)
    journey.device.today -= timedelta(days=3)
    journey.engine.post(ClockChanged())
    await journey.until(lambda: len(journey.sent("ping")) == 2)
    journey.deliver(Pong(time=now_ms(journey) + 60_000))
    await journey.current()


async def test_each_connection_asks_for_the_servers_time_once(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.deliver(Changes(since="100", stamp="101"))
    await journey.until(lambda: [frame["stamp"] for frame in journey.sent("ack")] == ["100", "101"])
    assert len(journey.sent("ping")) == 1
    journey.socket.fail()
    await journey.greeted(2)
    assert not journey.sent("ping")
    journey.deliver(UpToDate(stamp="101"))
    await journey.until(lambda: journey.sent("ping"))
