"""The lease on one Directus: one server at a time has it, whoever comes second, dies, sleeps or stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from server_mock.directus.client import DirectusClient
from server_mock.protocol.lease import BEATS, HELD, LEASE_S, Lease, LeaseHeld
from tests.server_mock.world import START_S, TURNS, FakeTime, World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


@dataclass
class Server:
    """A server's lease, on a clock of its own that moves while the server waits; then something happens `meanwhile`."""

    world: World
    meanwhile: Callable[[], Awaitable[None]] | None = None
    seconds: int = LEASE_S
    time: FakeTime = field(default_factory=FakeTime)

    def lease(self, client: DirectusClient | None = None) -> Lease:
        """Its lease."""
        return Lease(client or self.world.direct, self.seconds, clock=self.time, sleep=self.sleep)

    async def sleep(self, duration: float) -> None:
        """Let the time pass."""
        self.time.now_s += duration
        await asyncio.sleep(0)
        if self.meanwhile is not None:
            await self.meanwhile()

    @property
    def waited_s(self) -> float:
        """How long it has waited."""
        return self.time.now_s - START_S


def a_lease(world: World, meanwhile: Callable[[], Awaitable[None]] | None = None) -> Lease:
    return Server(world, meanwhile).lease()


async def race(world: World, servers: int) -> list[BaseException | None]:
    """Have many servers try for the lease at once; those that have it renew it, however long the others wait."""
    holders: list[Lease] = []

    async def renew() -> None:
        await world.requests.idle.wait()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        for each in holders:
            await each.renew()

    async def attempt() -> None:
        lease = Server(world, renew).lease(world.services.client)
        await lease.take()
        holders.append(lease)

    return await asyncio.gather(*(attempt() for _ in range(servers)), return_exceptions=True)


async def test_a_second_server_is_refused_while_the_first_one_lives(world: World) -> None:
    first = a_lease(world)
    await first.take()
    with pytest.raises(LeaseHeld, match="Another server"):
        await a_lease(world, first.renew).take()
    await first.renew()
    assert not first.lost


async def test_a_lease_that_was_given_back_is_taken_at_once(world: World) -> None:
    first, second = a_lease(world), Server(world)
    await first.take()
    await first.give_back()
    await second.lease().take()
    assert second.waited_s == 0


async def test_one_that_is_given_back_while_somebody_waits_is_taken(world: World) -> None:
    first = a_lease(world)
    await first.take()
    second = Server(world, first.give_back)
    await second.lease().take()
    assert second.waited_s < LEASE_S


@pytest.mark.parametrize("seconds", [1, LEASE_S, 60])
async def test_the_lease_of_a_server_that_was_killed_is_waited_for(world: World, seconds: int) -> None:
    await Server(world, seconds=seconds).lease().take()
    second = Server(world)
    await second.lease().take()
    assert second.waited_s == pytest.approx(seconds)


async def test_of_many_that_wait_for_a_killed_one_one_follows(world: World) -> None:
    await a_lease(world).take()
    tried = await race(world, 8)
    assert tried.count(None) == 1
    assert {str(each) for each in tried if each is not None} == {HELD}


async def test_of_many_that_come_first_one_is_taken(world: World) -> None:
    tried = await race(world, 8)
    assert tried.count(None) == 1
    assert {str(each) for each in tried if each is not None} == {HELD}


async def test_a_server_that_slept_finds_that_another_one_has_taken_over(world: World) -> None:
    asleep, told = a_lease(world), []
    asleep.on_lost = lambda: told.append("lost")
    await asleep.take()
    second = a_lease(world)
    await second.take()
    await asleep.keep()
    assert (asleep.lost, told) == (True, ["lost"])
    await asleep.give_back()
    with pytest.raises(LeaseHeld):
        await a_lease(world, second.renew).take()


async def test_it_is_kept_through_a_time_in_which_directus_does_not_answer(world: World) -> None:
    lease = Server(world).lease(world.services.client)
    await lease.take()
    world.requests.left = 0
    keeping = asyncio.create_task(lease.keep())
    for _ in range(TURNS):
        await asyncio.sleep(0)
    assert world.requests.count > 2
    assert not lease.lost
    world.requests.left = None
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await lease.renew()
    assert not lease.lost


async def test_a_row_that_somebody_deleted_is_made_again(world: World) -> None:
    lease = a_lease(world)
    await lease.take()
    (row,) = await world.direct.search("leases")
    await world.direct.delete("leases", row["id"])
    await lease.renew()
    with pytest.raises(LeaseHeld):
        await a_lease(world, lease.renew).take()


async def test_as_a_context_it_beats_and_is_given_back_at_the_end(world: World) -> None:
    async with a_lease(world) as lease:
        for _ in range(TURNS * BEATS):
            await asyncio.sleep(0)
        (row,) = await world.direct.search("leases")
        assert row["beat"] > 0
        assert not lease.lost
    (row,) = await world.direct.search("leases")
    assert row["returned"]
