"""Who proves to be whom: known and unknown addresses are told apart by nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hearth.core.records.envelope import PBKDF2_ITERATIONS
from tests.server_mock.world import EMAIL, World, a_world

UNKNOWN = "nobody@hearth.example"
WRONG = "0" * 64


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=2)
        yield world


async def attempt(world: World, email: str, lookup_hash: str = WRONG, **headers: str) -> httpx.Response:
    body = {"email": email, "lookup_hash": lookup_hash}
    return await world.http.post("/api/sign-in", json=body, headers=headers)


def shape(response: httpx.Response) -> tuple[Any, ...]:
    return response.status_code, response.headers.raw, response.content


async def test_a_challenge_is_alike_for_known_and_unknown_addresses(world: World) -> None:
    known = await world.http.post("/api/challenge", json={"email": EMAIL})
    unknown = await world.http.post("/api/challenge", json={"email": UNKNOWN})
    assert known.status_code == unknown.status_code == 200
    assert known.json().keys() == unknown.json().keys() == {"salt", "iterations"}
    assert len(known.json()["salt"]) == len(unknown.json()["salt"])
    assert unknown.json()["iterations"] == PBKDF2_ITERATIONS
    assert known.headers.raw[0] == unknown.headers.raw[0]


async def test_an_unknown_address_always_gets_the_same_salt(world: World) -> None:
    async def salt(email: str) -> str:
        response = await world.http.post("/api/challenge", json={"email": email})
        return str(response.json()["salt"])

    first = await salt(UNKNOWN)
    await world.restart()
    assert await salt(UNKNOWN) == await salt(f"  {UNKNOWN.upper()} ") == first
    assert await salt("somebody@hearth.example") != first


@pytest.mark.parametrize("around", ["\u200b", "\ufeff", "\u00a0", "\u2060\u200e", "\u00ad", "\t\n", "\u3000", "\u202a"])
async def test_what_is_not_seen_around_an_address_does_not_count(world: World, around: str) -> None:
    response = await attempt(world, f"{around}{EMAIL}{around}", await world.lookup_hash())
    assert response.status_code == 200


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(world: World) -> None:
    reads, answers = [], []
    for email in (EMAIL, UNKNOWN):
        before = world.requests.count
        await world.http.post("/api/challenge", json={"email": email})
        after_challenge = world.requests.count
        answers.append(shape(await attempt(world, email)))
        reads.append((after_challenge - before, world.requests.count - after_challenge))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    # One read each, at the challenge; that there is no such user is remembered, too.
    assert reads == [(1, 0), (1, 0)]


async def test_many_challenges_for_one_address_are_one_read(world: World) -> None:
    before = world.requests.count
    asked = (world.http.post("/api/challenge", json={"email": EMAIL}) for _ in range(20))
    assert {response.status_code for response in await asyncio.gather(*asked)} == {200}
    assert world.requests.count == before + 1
