"""Accounts that an operator disables while a server runs, and enables again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.protocol.server_events import ServerError, SessionEnd
from server_mock.protocol.account_deletion import close_account
from server_mock.protocol.account_disabling import disable_account, enable_account, is_disabled
from tests.server_mock.accounts import EMAIL as OWN
from tests.server_mock.accounts import a_member
from tests.server_mock.world import EMAIL, World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=2)
        yield world


async def row_of(world: World, account: str) -> dict[str, Any]:
    row = await world.direct.read("users", account)
    assert row is not None
    return row


async def disable(world: World, account: str) -> None:
    await disable_account(world.direct, await row_of(world, account), int(world.time() * 1000))


async def sign_in_status(world: World) -> int:
    body = {"email": EMAIL, "lookup_hash": await world.lookup_hash()}
    return (await world.browser().post("/api/sign-in", json=body)).status_code


async def test_its_sessions_expire_at_the_next_look_and_nobody_signs_in(world: World) -> None:
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    proof = await world.lookup_hash()
    await disable(world, device.account)
    await world.services.watch.check()
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.reason is SessionEnd.EXPIRED
    assert await device.socket.closed() == 4401
    answer = await world.browser().post("/api/sign-in", json={"email": EMAIL, "lookup_hash": proof})
    assert answer.status_code == 401
    assert await enable_account(world.direct, await row_of(world, device.account))
    await world.services.watch.check()
    assert await sign_in_status(world) == 200
    assert world.services.sessions.find(device.token) is None


async def test_its_sessions_have_expired_where_the_server_was_not_running(world: World) -> None:
    device = await world.sign_in(stay=True)
    await world.services.sessions.written()
    await disable(world, device.account)
    await world.restart()
    assert world.services.sessions.end_of(device.token) is SessionEnd.EXPIRED
    assert await sign_in_status(world) == 401


async def test_the_sessions_of_others_go_on(world: World) -> None:
    await world.seed(chats=1, email="other@hearth.example")
    device, other = await world.sign_in(), await world.sign_in("other@hearth.example")
    await world.services.sessions.written()
    await disable(world, device.account)
    await world.services.watch.check()
    assert world.services.sessions.find(device.token) is None
    assert world.services.sessions.find(other.token)
    await world.restart()
    assert world.services.sessions.find(other.token)


async def test_a_disabled_account_is_answered_as_an_unknown_address(world: World) -> None:
    device = await world.sign_in()
    await disable(world, device.account)
    await world.restart()
    known = await world.browser().post("/api/challenge", json={"email": EMAIL})
    unknown = await world.browser().post("/api/challenge", json={"email": "nobody@hearth.example"})
    assert known.json().keys() == unknown.json().keys()
    assert known.json()["iterations"] == unknown.json()["iterations"]
    assert known.json()["salt"] != (await row_of(world, device.account))["salt"]


@pytest.mark.parametrize("times", [1, 2])
async def test_enabling_brings_back_exactly_what_opened_the_account(world: World, times: int) -> None:
    person = await a_member(world)
    before = await row_of(world, person.made.id)
    for _ in range(times):
        await disable(world, person.made.id)
    disabled = await row_of(world, person.made.id)
    assert is_disabled(disabled)
    assert await enable_account(world.direct, disabled)
    assert await row_of(world, person.made.id) == before
    assert OWN not in str(disabled)


async def test_enabling_an_account_of_before_there_were_several_ways_opens_it(world: World) -> None:
    device = await world.sign_in()
    assert (await row_of(world, device.account))["ways"] is None
    await disable(world, device.account)
    assert await enable_account(world.direct, await row_of(world, device.account))
    await world.restart()
    assert await sign_in_status(world) == 200


async def test_a_way_that_was_removed_does_not_come_back(world: World) -> None:
    person = await a_member(world)
    row = await row_of(world, person.made.id)
    await world.direct.update("users", row["id"], {"lookup_hashes": row["lookup_hashes"][:1]})
    await disable(world, row["id"])
    assert await enable_account(world.direct, await row_of(world, row["id"]))
    assert (await row_of(world, row["id"]))["lookup_hashes"] == row["lookup_hashes"][:1]


async def test_a_way_of_a_kind_that_came_later_comes_back(world: World) -> None:
    person = await a_member(world)
    row = await row_of(world, person.made.id)
    later = {"hash": "e" * 64, "kind": "later", "more": [1]}
    values = {"lookup_hashes": [*row["lookup_hashes"], "e" * 64], "ways": [*row["ways"], later]}
    await world.direct.update("users", row["id"], values)
    await disable(world, row["id"])
    assert await enable_account(world.direct, await row_of(world, row["id"]))
    after = await row_of(world, row["id"])
    assert (after["lookup_hashes"], after["ways"]) == (values["lookup_hashes"], values["ways"])


async def test_an_account_that_is_being_deleted_counts_as_deleted(world: World) -> None:
    device = await world.sign_in()
    await close_account(world.direct, await row_of(world, device.account), 1)
    row = await row_of(world, device.account)
    assert not is_disabled(row)
    assert not await enable_account(world.direct, row)
    assert (await row_of(world, device.account))["lookup_hashes"] == []
