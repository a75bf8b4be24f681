"""Long work gives way when it is time and not before, and reports come as often as they can be read."""

from __future__ import annotations

import asyncio

from hearth.engine.transfer.pacing import REPORTED_EVERY_S, Pacer, Reports


async def test_work_gives_way_only_when_a_step_is_over() -> None:
    now, turns = 0.0, 0
    pacer = Pacer(lambda: now, step_s=1.0)

    async def page() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(page())
    for now in (0.2, 0.9):  # noqa: B007 - the clock that the pacer reads
        await pacer.rest()
    assert turns == 0
    now = 1.0
    await pacer.rest()
    assert turns == 1
    now = 1.5
    await pacer.rest()
    assert turns == 1, "the next step began when it had given way"
    task.cancel()


def test_reports_keep_their_distance() -> None:
    now = 5.0
    reports = Reports(lambda: now)
    assert [reports.due(), reports.due()] == [True, False]
    now += REPORTED_EVERY_S
    assert [reports.due(), reports.due()] == [True, False]
