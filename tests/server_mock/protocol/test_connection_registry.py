"""The end of all connections: what was taken is answered, nothing more is taken, and nobody holds it up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hearth.core.records.schema import Collection
from server_mock.protocol import app
from server_mock.protocol.connection_registry import Hub
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import DeviceSocket, Refused, World, a_world
from tests.server_mock.writing import Pen, a_device


@pytest.fixture(params=[DeviceSocket, PolledSocket])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed()
        yield world


async def test_devices_are_told_to_come_again_and_nobody_new_is_taken(world: World) -> None:
    first, second = [await a_device(world, name) for name in ("first", "second")]
    waiting = await (await world.sign_in()).connect_silently()
    await world.services.drain()
    assert [await each.socket.closed() for each in (first, second, waiting)] == [1012, 1012, 1012]
    with pytest.raises(Refused):
        await first.connect_silently()


async def test_a_write_that_was_taken_is_answered_first_and_a_later_one_is_not_taken(world: World) -> None:
    device = await a_device(world, "device")
    pen = Pen(device)
    gate = world.requests.hold("PATCH /items/chats")
    pen.send(pen.say("taken"))
    await world.requests.held_up.wait()
    draining = asyncio.create_task(world.services.drain())
    await asyncio.sleep(0)
    pen.send(pen.say("too late"))
    gate.set()
    await pen.written()
    assert await device.socket.closed() == 1012
    await draining
    assert len(await world.direct.search("messages")) == len(device.records(Collection.MESSAGES))


async def test_a_disk_that_does_not_answer_holds_the_end_up_for_a_bounded_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "DRAIN_S", 0.01)
    device = await a_device(world, "device")
    gate = world.requests.hold("PATCH /items/chats")
    pen = Pen(device)
    pen.send(pen.say("never answered"))
    await world.requests.held_up.wait()
    await world.services.drain()
    gate.set()


class Connection:
    """A connection that is served until it is ended."""

    def __init__(self, session: str, name: str = "", fails: bool = False) -> None:
        self.session = SimpleNamespace(key=session, device=f"device of {session}", user_id="user")
        self.name = name
        self.fails = fails
        self.over = asyncio.Event()

    async def serve(self) -> None:
        await self.over.wait()
        if self.fails:
            raise RuntimeError("broken")

    async def end_session(self) -> None:
        self.over.set()
        if self.fails:
            raise RuntimeError("broken")


async def served(hub: Hub, *connections: Connection) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(hub.serve(cast(Any, each))) for each in connections]
    await asyncio.sleep(0)
    return tasks


async def test_it_is_full_while_as_many_are_served_as_fit() -> None:
    hub, one = Hub(max_connections=1), Connection("a")
    assert not hub.full
    (task,) = await served(hub, one)
    assert hub.full
    one.over.set()
    await task
    assert not hub.full


async def test_one_that_breaks_is_not_kept() -> None:
    hub, one = Hub(), Connection("a", "x", fails=True)
    (task,) = await served(hub, one)
    one.over.set()
    with pytest.raises(RuntimeError):
        await task
    assert hub.find(cast(Any, one.session), "x") is None


async def test_a_connection_is_found_by_its_session_and_id_alone() -> None:
    hub, mine, theirs = Hub(), Connection("a", "x"), Connection("b", "x")
    await served(hub, mine, theirs)
    assert hub.find(cast(Any, mine.session), "x") is cast(Any, mine)
    assert hub.find(cast(Any, mine.session), "y") is None
    assert hub.find(cast(Any, mine.session), "") is None
    assert hub.is_online("device of a", "user")
    assert not hub.is_online("device of a", "another user")


async def test_ending_a_session_ends_all_of_its_connections_though_one_breaks() -> None:
    hub = Hub()
    broken, whole, other = Connection("a", fails=True), Connection("a"), Connection("b")
    await served(hub, broken, whole, other)
    await hub.end_session(cast(Any, broken.session))
    assert (broken.over.is_set(), whole.over.is_set(), other.over.is_set()) == (True, True, False)
