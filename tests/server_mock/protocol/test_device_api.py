"""The routes of devices: names have to be sealed, each device names itself alone, and a wipe is reported once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contracts.records import SEALED
from tests.server_mock.devices import listed, own_id, post
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import DeviceSocket, World, a_world


@pytest.fixture(params=[DeviceSocket, PolledSocket], ids=["websocket", "polled"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed(chats=2)
        yield world


@pytest.mark.parametrize("name", ["Firefox on Linux", "", None, 1, SEALED * 100, ["x"]])
async def test_a_name_that_is_not_sealed_is_refused(world: World, name: object) -> None:
    device = await world.sign_in()
    assert await post(device, "name", device=await own_id(device), name=name) == 400
    assert (await listed(device))[0]["name"] is None


async def test_a_device_names_itself_alone(world: World) -> None:
    first, second = await world.sign_in(), await world.sign_in()
    assert await post(first, "name", device=await own_id(second), name=SEALED) == 409
    assert [each["name"] for each in await listed(first)] == [None, None]


async def test_a_device_does_not_sign_itself_out_this_way(world: World) -> None:
    device = await world.sign_in()
    assert await post(device, "end", device=await own_id(device)) == 404
    assert await post(device, "end", device="0" * 36) == 404
    assert await post(device, "end") == 400
    assert world.services.sessions.find(device.token)


async def test_a_wipe_is_reported_for_a_session_that_was_revoked_alone(world: World) -> None:
    here, there = await world.sign_in(), await world.sign_in()
    for body in ({}, {"account": there.account}, {"account": None}):
        assert (await there.http.post("/api/devices/wiped", json=body)).status_code == 204
    assert world.services.sessions.find(there.token), "a session that is open stays so"
    await post(here, "end", device=await own_id(there))
    await there.http.post("/api/devices/wiped", json={"account": "another"})
    assert (await listed(here))[1]["wiped_at"] is None
    await there.http.post("/api/devices/wiped", json={})
    assert (await listed(here))[1]["wiped_at"] is not None
