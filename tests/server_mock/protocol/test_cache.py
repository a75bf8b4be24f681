"""Caches are bounded in entries, weight and time; a load runs once however many ask."""

from __future__ import annotations

import asyncio

import pytest

from server_mock.protocol.cache import SharedLoads, TtlCache
from tests.server_mock.world import FakeTime


def test_values_last_for_their_time() -> None:
    time = FakeTime(0)
    cache: TtlCache[str, int] = TtlCache(max_entries=10, ttl_s=5, clock=time)
    cache.put("a", 1)
    time.now_s = 4.9
    assert cache.get("a") == 1
    time.now_s = 5
    assert cache.get("a") is None
    assert len(cache) == 0


def test_the_least_recently_used_goes() -> None:
    cache: TtlCache[str, int] = TtlCache(max_entries=2, ttl_s=5, clock=FakeTime(0))
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_weight_is_bounded() -> None:
    cache: TtlCache[str, int] = TtlCache(max_entries=10, ttl_s=5, clock=FakeTime(0), max_weight=10)
    cache.put("a", 1, weight=6)
    cache.put("b", 2, weight=4)
    assert cache.weight == 10
    cache.put("c", 3, weight=1)
    assert (cache.get("a"), cache.weight) == (None, 5)
    cache.put("b", 4, weight=1)
    assert (cache.get("b"), cache.weight) == (4, 2)
    cache.put("heavy", 5, weight=11)
    assert len(cache) == cache.weight == 0


def test_forgetting() -> None:
    cache: TtlCache[str, None] = TtlCache(max_entries=10, ttl_s=5, clock=FakeTime(0))
    cache.put("a", None, weight=1)
    cache.put("b", None, weight=1)
    cache.drop("a")
    cache.drop("no such key")
    assert (len(cache), cache.weight) == (1, 1)
    cache.clear()
    assert (len(cache), cache.weight) == (0, 0)


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
