"""Writes of one connection: slowed down where they are many, repeated where the disk does not answer."""

from __future__ import annotations

import asyncio

import pytest

from hearth.core.protocol.server_events import ErrorCode, ServerError
from hearth.core.records.schema import Collection
from server_mock.protocol import device_writes
from tests.server_mock.world import World
from tests.server_mock.writing import Pen, a_device

CHATS, MESSAGES, ENTRIES = Collection


async def test_writes_slow_down_and_none_is_lost(world: World, pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_writes, "WRITE_BURST_S", 0.1)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    slow = device_writes.DeviceWrites(world.services, world.services.states.of("x"), "x", asyncio.Event())
    for _ in range(10):
        await slow._slow_down()
    assert waited == sorted(waited)
    assert 0.2 < waited[-1] < 0.5


async def test_a_disk_that_does_not_answer_ends_the_connection_and_the_repetition_heals(world: World, pen: Pen) -> None:
    frame = pen.frame(pen.say())
    await world.control("faults", {"directus_status": 503})
    pen.device.socket.send(frame)
    error = await pen.device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.BUSY
    assert await pen.device.socket.closed() == 1013
    await world.control("faults", {})
    await (await pen.device.connect("one")).synchronised()
    pen.device.socket.send(frame)
    await pen.written()
    await pen.device.assert_equals_server()


async def test_a_write_that_nobody_repeats_is_told_with_the_next_one(world: World, pen: Pen) -> None:
    """It is on the disk in part: every device has to know it as it is there."""
    other, witness = Pen(await a_device(world, "two")), await a_device(world, "three")
    chat = pen.chat["id"]
    # The chats and the manifest are read, the message is written; the chat is, too, but the manifest is not.
    world.requests.left = 4
    pen.send(pen.say("half of it", chat))
    await pen.device.socket.closed()
    world.requests.left = None
    elsewhere = next(each for each in other.device.records(CHATS) if each != chat)
    await other.write({CHATS: [other.retitled(elsewhere, "another title")]})
    for each in (other.device, witness):
        await each.settled()
        await each.assert_equals_server()
        assert "half of it" in each.open_all()[MESSAGES]
