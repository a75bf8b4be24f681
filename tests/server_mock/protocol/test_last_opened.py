"""The chat opened last: written in order, the latest of many, and never one that is not the user's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.protocol.device_events import ChatOpened
from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    UpToDate,
)
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import (
    DeviceSocket,
    World,
    a_world,
    warm,
)


@pytest.fixture(params=[DeviceSocket, PolledSocket], ids=["websocket", "polled"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed(chats=5)
        yield world


async def written(world: World) -> list[Any]:
    """The writes of `last_opened` since the log was reset."""
    await world.services.last_opened.settled()
    return [entry for entry in world.log() if entry["method"] == "PATCH"]


async def test_opening_a_chat_is_written_down(world: World) -> None:
    device = await warm(world)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    world.services.client.log.reset()
    device.socket.send(ChatOpened(chat_id=chats[1]))
    await device.settled()
    assert len(await written(world)) == 1
    assert (await world.account())["last_opened"] == chats[1]
    # The chat was known to be the user's: nothing was read.
    assert world.reads() == []
    other = await world.sign_in()
    await other.connect()
    first = await other.take()
    assert isinstance(first, FirstChatReady)
    assert first.chat_id == chats[1]


async def test_opening_the_same_chat_again_writes_nothing(world: World) -> None:
    device = await warm(world)
    account = await world.account()
    world.services.client.log.reset()
    device.socket.send(ChatOpened(chat_id=account["last_opened"]))
    await device.settled()
    assert await written(world) == []


async def test_leafing_through_chats_keeps_the_order_and_writes_the_last(world: World) -> None:
    device = await warm(world)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    world.services.client.log.reset()
    gate = world.requests.hold("PATCH /items/users")
    device.socket.send(ChatOpened(chat_id=chats[0]))
    await device.settled()
    for chat in (chats[1], chats[2], chats[4]):
        device.socket.send(ChatOpened(chat_id=chat))
    await device.settled()
    gate.set()
    assert len(await written(world)) == 2
    assert (await world.account())["last_opened"] == chats[4]


async def test_a_chat_that_is_gone_or_unknown_is_not_opened(world: World) -> None:
    device = await warm(world)
    account = await world.account()
    await world.change(delete_chat=account["chats"][0]["id"])
    await world.restart()
    await device.connect()
    await device.take_until(Changes)
    for chat in (account["chats"][0]["id"], "no-such-chat"):
        device.socket.send(ChatOpened(chat_id=chat))
    await device.settled()
    assert await written(world) == []


async def test_an_unknown_chat_of_the_user_costs_one_read(world: World) -> None:
    device = await warm(world)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    await world.restart()
    await device.connect()
    await device.take_until(UpToDate)
    await device.settled()
    world.services.client.log.reset()
    device.socket.send(ChatOpened(chat_id=chats[2]))
    await device.settled()
    assert len(await written(world)) == 1
    assert [entry["collection"] for entry in world.reads()] == ["users", "chats"]


async def test_a_write_that_fails_is_not_believed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    device = await warm(world)
    account = await world.account()
    await world.control("faults", {"directus_status": 503})
    device.socket.send(ChatOpened(chat_id=account["chats"][0]["id"]))
    await device.settled()
    await world.services.last_opened.settled()
    await world.control("faults", {})
    assert "could not be written down" in caplog.text
    other = await world.sign_in()
    await other.connect()
    first = await other.take()
    assert isinstance(first, FirstChatReady)
    assert first.chat_id == account["last_opened"]
