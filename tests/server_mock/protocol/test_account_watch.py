"""Accounts that somebody changed or deleted at Directus: noticed within minutes, and at no cost to a device."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.device_events import Ping
from hearth.core.protocol.server_events import Pong, ServerError, SessionEnd
from server_mock.protocol.account_watch import MANY
from server_mock.protocol.api import COOKIE
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import EMAIL, PASSWORD, DeviceSocket, World, a_world


@pytest.fixture(params=[DeviceSocket, PolledSocket], ids=["websocket", "polled"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed(chats=2)
        yield world


async def check(world: World, times: int = 2) -> None:
    for _ in range(times):
        await world.services.watch.check()


async def test_the_sessions_of_a_deleted_account_end_after_two_looks(world: World) -> None:
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    await world.direct.delete("users", device.account)
    await check(world, 1)
    assert world.services.sessions.find(device.token), "once may be a mistake"
    await check(world, 1)
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.reason is SessionEnd.REVOKED
    assert await device.socket.closed() == 4401


async def test_nobody_signs_in_to_a_deleted_account_after_one_look(world: World) -> None:
    proof = await world.lookup_hash()
    assert (await world.http.post("/api/sign-in", json={"email": EMAIL, "lookup_hash": proof})).status_code == 200
    (row,) = await world.direct.search("users")
    await world.direct.delete("users", row["id"])
    await check(world, 1)
    assert (await world.http.post("/api/sign-in", json={"email": EMAIL, "lookup_hash": proof})).status_code == 401


async def test_an_account_that_was_not_there_is_found_after_one_look(world: World) -> None:
    await world.http.post("/api/challenge", json={"email": "new@hearth.example"})
    await world.seed(chats=1, email="new@hearth.example")
    await check(world, 1)
    await world.sign_in("new@hearth.example", PASSWORD)


async def test_a_changed_entry_is_read_anew(world: World) -> None:
    device = await world.sign_in()
    await world.direct.update("users", device.account, {"lookup_hashes": ["0" * 64]})
    await check(world, 1)
    proof = await world.lookup_hash()
    assert (await world.http.post("/api/sign-in", json={"email": EMAIL, "lookup_hash": proof})).status_code == 401
    assert world.services.sessions.find(device.token)


async def test_an_account_whose_address_changed_stays_signed_in(world: World) -> None:
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    await world.direct.update("users", device.account, {"hashed_email": "f" * 64})
    await check(world)
    device.socket.send(Ping())
    assert isinstance(await device.take(), Pong)
    await device.disconnect()
    device.cursor = None
    await device.connect()
    await device.synchronised()
    proof = await world.lookup_hash()
    assert (await world.http.post("/api/sign-in", json={"email": EMAIL, "lookup_hash": proof})).status_code == 401


async def test_looking_costs_no_request_of_the_protocol_and_ends_nothing(world: World) -> None:
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    before = world.requests.count
    await check(world, 3)
    assert world.requests.count == before
    await device.disconnect()
    await device.connect()
    await device.settled()
    assert world.requests.count == before
    assert world.services.sessions.find(device.token)


async def test_most_accounts_gone_at_once_end_no_session(world: World, caplog: pytest.LogCaptureFixture) -> None:
    tokens = []
    for number in range(MANY):
        await world.seed(chats=1, email=f"{number}@hearth.example")
        tokens.append((await world.sign_in(f"{number}@hearth.example")).token)
    rows = await world.direct.search("users")
    for row in rows:
        await world.direct.delete("users", row["id"])
    await check(world, 3)
    assert all(world.services.sessions.find(token) for token in tokens)
    assert "gone from Directus at once" in caplog.text
    await world.direct.create("users", rows[:-1])
    await check(world, 1)
    ended = [token for token in tokens if not world.services.sessions.find(token)]
    assert len(ended) == 1, "what is still gone was deleted"


async def test_a_disk_that_does_not_answer_ends_nothing(world: World) -> None:
    device = await world.sign_in()
    cookie = {"Cookie": f"{COOKIE}={device.token}"}
    world.services.watch._client = world.services.client
    world.faults.apply({"directus_status": 503})
    with pytest.raises(Exception, match="no time"):
        await check(world)
    world.faults.clear()
    assert (await world.http.get("/api/session", headers=cookie)).status_code == 204
