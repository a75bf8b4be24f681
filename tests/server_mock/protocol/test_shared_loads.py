"""A load runs once however many ask."""

from __future__ import annotations

import asyncio

import pytest

from server_mock.protocol.shared_loads import SharedLoads


class Loads:
    """A load that ends when it is told to."""

    def __init__(self) -> None:
        self.count = 0
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.count += 1
        await self.gate.wait()
        if self.error:
            raise self.error
        return self.count


async def test_a_load_is_shared() -> None:
    shared: SharedLoads[str, int] = SharedLoads()
    loads = Loads()
    asking = [asyncio.create_task(shared.load("a", loads)) for _ in range(5)]
    await asyncio.sleep(0)
    loads.gate.set()
    assert await asyncio.gather(*asking) == [1] * 5
    assert await shared.load("a", loads) == 2


async def test_a_load_that_fails_fails_for_all_and_is_forgotten() -> None:
    shared: SharedLoads[str, int] = SharedLoads()
    loads = Loads()
    loads.error = RuntimeError("away")
    loads.gate.set()
    asking = [asyncio.create_task(shared.load("a", loads)) for _ in range(3)]
    assert [str(each) for each in await asyncio.gather(*asking, return_exceptions=True)] == ["away"] * 3
    loads.error = None
    assert await shared.load("a", loads) == 2


async def test_who_stops_waiting_does_not_take_the_result_along() -> None:
    shared: SharedLoads[str, int] = SharedLoads()
    loads = Loads()
    impatient, patient = (asyncio.create_task(shared.load("a", loads)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    loads.gate.set()
    assert await patient == 1
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_closing_cancels_what_runs() -> None:
    shared: SharedLoads[str, int] = SharedLoads()
    asking = asyncio.create_task(shared.load("a", Loads()))
    await asyncio.sleep(0)
    await shared.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
