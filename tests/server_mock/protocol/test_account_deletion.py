"""An account is deleted as a whole, or not at all: whenever the server dies, nobody signs in to half of one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import ServerError, SessionEnd
from hearth.core.records.schema import Collection
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.protocol.api import COOKIE
from tests.server_mock.world import EMAIL, PASSWORD, Device, World, a_world

REQUESTS = 9
"""What a deletion asks of Directus ; the last test looks whether that is still so."""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=3)
        await world.seed(chats=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
        yield world


async def warmed(world: World) -> Device:
    """A device whose sign-in has nothing under way any longer."""
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    return device


async def delete(world: World, device: Device, proof: str | None = None) -> int:
    body = {"account": device.account, "proof": proof or await world.lookup_hash()}
    return (await device.http.post("/api/account/delete", json=body)).status_code


async def assert_gone(world: World, account: str) -> None:
    assert [await world.rows(collection, account) for collection in Collection] == [[], [], []]
    assert await world.direct.read("users", account) is None


async def signs_in(world: World) -> int:
    body = {"email": EMAIL, "lookup_hash": await world.lookup_hash()}
    return (await world.http.post("/api/sign-in", json=body)).status_code


async def test_nothing_is_left_and_every_device_is_told(world: World) -> None:
    here, there = await (await world.sign_in()).connect(), await (await world.sign_in()).connect()
    for device in (here, there):
        await device.synchronised()
    guest = await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    before = [await world.rows(collection, guest.account) for collection in Collection]
    proof = await world.lookup_hash()
    assert await delete(world, here, proof) == 204
    await assert_gone(world, here.account)
    assert COOKIE not in here.http.cookies
    for device in (here, there):
        error = await device.take()
        assert isinstance(error, ServerError)
        assert error.reason is SessionEnd.REVOKED
    body = {"email": EMAIL, "lookup_hash": proof}
    assert (await world.http.post("/api/sign-in", json=body)).status_code == 401
    assert [await world.rows(collection, guest.account) for collection in Collection] == before
    assert world.services.sessions.find(guest.token)


async def test_the_address_is_free_again(world: World) -> None:
    device = await world.sign_in()
    assert await delete(world, device) == 204
    await world.seed(chats=1)
    again = await world.sign_in(EMAIL, PASSWORD)
    assert len(await world.rows(Collection.CHATS, again.account)) == 1


async def test_a_wrong_proof_changes_nothing_and_is_counted(world: World) -> None:
    device = await world.sign_in()
    assert await delete(world, device, "0" * 64) == 403
    assert len(await world.rows(Collection.CHATS, device.account)) == 3
    assert world.services.sessions.find(device.token)
    codes = [await delete(world, device, "0" * 64) for _ in range(30)]
    assert 429 in codes


@pytest.mark.parametrize("left", range(1, REQUESTS + 1))
async def test_a_server_that_dies_at_any_step_leaves_all_of_it_or_nothing_to_sign_into(world: World, left: int) -> None:
    device = await warmed(world)
    proof = await world.lookup_hash()
    world.requests.left = left
    status = await delete(world, device, proof)
    assert status in (204, 503)
    world.requests.left = None
    closed = (await world.direct.read("users", device.account) or {}).get("lookup_hashes") in (None, [])
    await world.restart()
    assert (await world.direct.read("users", device.account) is None) == closed
    if closed:
        await assert_gone(world, device.account)
        assert world.services.sessions.find(device.token) is None
        assert await signs_in(world) == 401
    else:
        assert len(await world.rows(Collection.CHATS, device.account)) == 3
        assert await signs_in(world) == 200


async def test_no_step_of_a_deletion_is_left_out_above(world: World) -> None:
    device = await warmed(world)
    proof, before = await world.lookup_hash(), world.requests.count
    assert await delete(world, device, proof) == 204
    assert world.requests.count - before == REQUESTS
