"""Work begun ahead runs before it is waited for, and fails only where it is waited for."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from hearth.engine.eager_task import EagerTask


async def test_it_runs_before_it_is_waited_for() -> None:
    ran = asyncio.Event()

    async def work() -> str:
        ran.set()
        return "done"

    ahead = EagerTask(work())
    await ran.wait()
    assert await ahead.result() == "done"
    assert await ahead.result() == "done"


async def test_what_it_raises_is_raised_where_it_is_waited_for_and_nowhere_else() -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))

    async def work() -> None:
        raise ValueError("no")

    unheard, ahead = EagerTask(work()), EagerTask(work())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="no"):
        await ahead.result()
    del unheard, ahead
    await asyncio.sleep(0)
    assert reported == []


async def test_nobody_waits_any_longer() -> None:
    ahead = EagerTask(asyncio.sleep(3600))
    await asyncio.sleep(0)
    ahead.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ahead.result()


@pytest.mark.filterwarnings("error")
async def test_work_that_is_cancelled_before_it_begins_leaves_no_warning() -> None:
    work = asyncio.sleep(3600)
    ahead = EagerTask(work)
    ahead.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ahead.result()
    await asyncio.sleep(0)
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED
