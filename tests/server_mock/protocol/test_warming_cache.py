"""The warmings of all users: one for each at a time, kept for who comes right after, and never one that failed."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from server_mock.directus.errors import DirectusUnavailable
from server_mock.protocol import warming_cache
from server_mock.protocol.accounts import UserEntry
from server_mock.protocol.change_log import UserStates
from server_mock.protocol.warming_cache import CACHE_TTL_S, Warmings


class FakeWarming:
    """A warming that ends when the test says so."""

    made: list[FakeWarming]

    def __init__(self, *_args: object) -> None:
        self.chars = 1
        self.gate = asyncio.Event()
        self.error: Exception | None = None
        FakeWarming.made.append(self)

    async def run(self) -> None:
        await self.gate.wait()
        if self.error:
            raise self.error


class Cache:
    """Warmings with a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.warmings = Warmings(cast(Any, None), UserStates(lambda: 1), lambda: self.now)

    def start(self, user: str = "a") -> FakeWarming:
        return cast(FakeWarming, self.warmings.start(UserEntry(user, "hash", (), None)))

    async def end(self, warming: FakeWarming, error: Exception | None = None) -> None:
        warming.error = error
        warming.gate.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Cache:
    FakeWarming.made = []
    monkeypatch.setattr(warming_cache, "Warming", FakeWarming)
    return Cache()


async def test_who_comes_during_a_warming_or_right_after_shares_it(cache: Cache) -> None:
    first = cache.start()
    assert cache.start() is first
    assert cache.start("b") is not first
    await cache.end(first)
    assert cache.start() is first
    cache.now = CACHE_TTL_S + 1
    assert cache.start() is not first
    await cache.warmings.close()


async def test_one_that_failed_serves_nobody(cache: Cache) -> None:
    first = cache.start()
    await cache.end(first, DirectusUnavailable("away"))
    assert cache.warmings.find("a") is None
    assert cache.start() is not first
    await cache.warmings.close()


async def test_one_that_was_dropped_is_not_kept_when_it_ends(cache: Cache) -> None:
    first = cache.start()
    cache.warmings.drop("a")
    second = cache.start()
    assert second is not first
    await cache.end(first)
    assert cache.start() is second, "the one that was dropped takes no place"
    await cache.end(second)
    cache.warmings.clear()
    assert cache.warmings.find("a") is None


async def test_one_that_is_too_large_is_not_kept(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming_cache, "CACHE_CHARS", 5)
    monkeypatch.setattr(warming_cache, "LEAST_CHARS", 1)
    first = cache.start()
    first.chars = 6
    await cache.end(first)
    assert cache.warmings.find("a") is None


async def test_closing_cancels_what_runs(cache: Cache) -> None:
    cache.start()
    await cache.warmings.close()
    assert cache.warmings.find("a") is None
