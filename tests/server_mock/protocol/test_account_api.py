"""Routes about an account: a change asks for a proof, a wrong one counts as a failed sign-in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from server_mock.protocol import rate_limit
from server_mock.protocol.account_api import WRONG_PROOF
from tests.server_mock.accounts import a_member, listed, new_password
from tests.server_mock.world import World, a_world

WRONG = "0" * 64
OTHER_PASSWORD = "another ember in the grate"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=1)
        yield world


async def test_a_wrong_proof_counts_as_a_failed_sign_in(world: World) -> None:
    person = await a_member(world)
    body = {"account": person.made.id, "proof": WRONG}
    for _ in range(rate_limit.ACCOUNT.times):
        answer = await person.http.post("/api/ways/proof", json=body)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, WRONG_PROOF)
    assert (await person.http.post("/api/ways/proof", json=body)).status_code == 429
    assert (await person.replace(await new_password(OTHER_PASSWORD))).status_code == 429
    assert (await person.sign_in(http=world.browser())).status_code == 429


async def test_nothing_changes_without_a_proof(world: World) -> None:
    person = await a_member(world)
    before = await listed(person)
    password = await new_password(OTHER_PASSWORD)
    assert (await person.replace(password, proof=WRONG)).status_code == 403
    for proof in (None, "", 5, "0" * 200):
        assert (await person.replace(password, proof=proof)).status_code == 400
    assert await listed(person) == before


async def test_the_ways_of_another_account_are_not_there(world: World) -> None:
    """The cookie is this person's, the account that the page shows is not: another tab signed in meanwhile."""
    person, other = await a_member(world), await a_member(world, "other@hearth.example")
    assert (await person.http.get("/api/ways", params={"account": other.made.id})).status_code == 401
    assert (await person.http.get("/api/ways")).status_code == 200
    proof = {"account": other.made.id, "proof": other.made.credentials.lookup_hash}
    assert (await person.http.post("/api/ways/proof", json=proof)).status_code == 401
    answer = await person.replace(await new_password(OTHER_PASSWORD), account=other.made.id)
    assert answer.status_code == 401
    for each in (person, other):
        assert (await each.sign_in(http=world.browser())).status_code == 200
