"""Another address for an account: proved, free, told to nobody else, and whole when the server dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server_mock.protocol import rate_limit
from server_mock.protocol.account_api import WRONG_PROOF
from server_mock.protocol.api import COOKIE
from server_mock.protocol.ways_api import ADDRESS_TAKEN
from tests.server_mock.accounts import EMAIL, Person, a_member
from tests.server_mock.passkeys import Keychain
from tests.server_mock.world import World, a_world

NEW = "elsewhere@hearth.example"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


async def move(person: Person, email: str = NEW, **fields: Any) -> httpx.Response:
    body = {"account": person.made.id, "proof": person.made.credentials.lookup_hash, "email": email, **fields}
    return await person.http.post("/api/account/address", json=body)


async def opens(world: World, person: Person, email: str) -> bool:
    """Whether the password signs in at an address."""
    body = {"email": email, "lookup_hash": person.made.credentials.lookup_hash}
    return (await world.browser().post("/api/sign-in", json=body)).status_code == 200


async def test_the_account_belongs_to_the_new_address_alone_and_others_are_signed_out(world: World) -> None:
    person, other = await a_member(world), world.browser()
    await person.sign_in(http=other)
    made, _way = await Keychain(person).add()
    assert (await move(person, f" {NEW.upper()} ")).status_code == 200
    assert (await person.http.get("/api/session", params={"account": person.made.id})).status_code == 204
    assert (await other.get("/api/session")).json()["error"]["code"] == "revoked"
    assert await opens(world, person, NEW)
    assert not await opens(world, person, EMAIL)
    assert len(made.user_handle) == 16, "a passkey knows no address"
    ways = await person.http.get("/api/ways", params={"account": person.made.id})
    assert ways.status_code == 200, "this session goes on"
    assert (await a_member(world)).made.id != person.made.id, "the old address is free"


async def test_an_address_that_has_an_account_is_refused_and_tries_are_limited(world: World) -> None:
    person, other = await a_member(world), await a_member(world, "other@hearth.example")
    answer = await move(person, other.email)
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, ADDRESS_TAKEN)
    assert await opens(world, person, EMAIL)
    assert await opens(world, other, other.email)
    for _ in range(rate_limit.SIGN_UPS.times):
        world.services.sign_ups.count("127.0.0.1")
    assert (await move(person)).status_code == 429


async def test_nothing_changes_without_a_proof_or_without_an_address(world: World) -> None:
    person = await a_member(world)
    answer = await move(person, proof="0" * 64)
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, WRONG_PROOF)
    for email in ("nobody", "a@", "a b@c", 5, ""):
        assert (await move(person, email=email)).status_code == 400  # type: ignore[arg-type]
    assert await opens(world, person, EMAIL)


async def test_two_accounts_that_want_one_address_at_once(world: World) -> None:
    people = [await a_member(world, f"person-{number}@hearth.example") for number in range(2)]
    answers = await asyncio.gather(*(move(each) for each in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [await opens(world, each, NEW) for each in people].count(True) == 1


async def test_the_same_request_again_is_answered_alike(world: World) -> None:
    person = await a_member(world)
    assert [(await move(person)).status_code for _ in range(3)] == [200, 200, 200]
    row = next(row for row in await world.direct.search("users") if row["id"] == person.made.id)
    assert row["ending"] is None


async def test_a_server_that_dies_at_any_request_leaves_one_address(world: World) -> None:
    """Exactly one of the two opens the account; with the new one the others are signed out, and this one is not."""
    steps, finished = 0, False
    while not finished:
        person, new = await a_member(world, f"person-{steps}@hearth.example"), f"moved-{steps}@hearth.example"
        other = world.browser()
        await person.sign_in(http=other)
        await world.die_after(steps)
        answer = await move(person, new)
        finished = answer.status_code == 200 and world.requests.left != 0
        cookies, token = person.http.cookies, other.cookies[COOKIE]
        await world.restart()
        person.http = world.browser()
        person.http.cookies = cookies
        moved = await opens(world, person, new)
        assert await opens(world, person, person.email) is not moved, steps
        assert moved or answer.status_code != 200, "what was answered holds"
        assert (world.services.sessions.find(token) is None) is moved, steps
        assert (await move(person, new)).status_code == 200, "this device goes on, and completes it"
        assert await opens(world, person, new)
        steps += 1
    assert steps >= 4
