"""`GET /healthz`: what it says, that it asks the disk seldom, and that a disk that hangs does not hold it up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from server_mock.protocol.app import make_app
from server_mock.protocol.health import FRESH_S, Health
from tests.server_mock.world import TURNS, World, a_world

AT_ONCE = 0.0
"""A disk that is asked for longer than this has not answered."""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


async def some_turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


def health_of(world: World, within_s: float = 60.0) -> Health:
    return Health(world.services.client, world.time, within_s)


async def test_it_says_that_the_disk_answers_and_nothing_else(world: World) -> None:
    await world.seed()
    answer = await world.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


async def test_it_says_that_the_disk_does_not_answer(world: World) -> None:
    world.services.own = world.services.client
    world.app = make_app(world.services)
    http = world.browser()
    world.requests.left = 0
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
    assert answer.headers["Cache-Control"] == "no-store"
    world.requests.left = None
    world.time.now_s += FRESH_S
    assert (await http.get("/healthz")).status_code == 200


async def test_many_who_ask_cost_one_request_a_second(world: World) -> None:
    health = health_of(world)
    gate = world.requests.hold("/items/users")
    asking = [asyncio.create_task(health.disk_answers()) for _ in range(50)]
    await some_turns()
    gate.set()
    assert await asyncio.gather(*asking) == [True] * 50
    assert world.requests.count == 1
    world.time.now_s += FRESH_S / 2
    assert await health.disk_answers()
    assert world.requests.count == 1
    world.time.now_s += FRESH_S / 2
    assert await health.disk_answers()
    assert world.requests.count == 2


async def test_a_disk_that_does_not_answer_is_asked_once_a_second_too(world: World) -> None:
    health = health_of(world)
    world.requests.left = 0
    assert not await health.disk_answers()
    asked = world.requests.count
    assert not await health.disk_answers()
    assert world.requests.count == asked


async def test_a_disk_that_hangs_counts_as_one_that_does_not_answer(world: World) -> None:
    health = health_of(world, AT_ONCE)
    gate = world.requests.hold("/items/users")
    assert not await health.disk_answers()
    gate.set()


async def test_who_goes_away_while_the_disk_is_asked_leaves_the_next_one_an_answer(world: World) -> None:
    health = health_of(world)
    gate = world.requests.hold("/items/users")
    first = asyncio.create_task(health.disk_answers())
    await some_turns()
    assert world.requests.count == 1
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    gate.set()
    assert await health.disk_answers()
