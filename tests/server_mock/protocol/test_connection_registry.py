"""The end of all connections: what was taken is answered, nothing more is taken, and nobody holds it up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hearth.core.records.schema import Collection
from server_mock.protocol import app
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
