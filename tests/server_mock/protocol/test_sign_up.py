"""Making an account over HTTP: who may, what is refused, and what is left when the server dies at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.protocol.server_events import WarmingComplete
from hearth.core.records.schema import Collection
from server_mock.protocol import rate_limit
from server_mock.protocol.invites import invite_row, new_code
from server_mock.protocol.sign_up import AT_WORK, CLOSED, TAKEN, SignUp
from tests.server_mock.accounts import EMAIL, PASSWORD, Person, a_member, a_person, opens, with_policy
from tests.server_mock.world import EMAIL as SEEDED
from tests.server_mock.world import World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=1)
        yield world


async def rows(world: World, collection: str) -> list[dict[str, Any]]:
    return await world.direct.search(collection)


async def test_a_new_account_can_be_signed_in_to_and_is_empty(world: World) -> None:
    person = await a_person(world)
    answer = await person.sign_up()
    assert (answer.status_code, answer.json()) == (201, {"account": person.made.id})
    assert "set-cookie" not in answer.headers
    device = await world.sign_in(EMAIL, PASSWORD)
    assert device.account == person.made.id
    await device.connect()
    await device.take_until(WarmingComplete)
    assert [len(device.records(collection)) for collection in Collection] == [0, 0, 1]
    assert '"manifest"' in device.open_all()[Collection.SETTINGS_AND_MEMORIES][0]


async def test_the_server_keeps_neither_the_address_nor_what_signs_in(world: World) -> None:
    person = await a_member(world)
    row = next(row for row in await rows(world, "users") if row["id"] == person.made.id)
    text = str(row)
    assert EMAIL not in text
    assert PASSWORD not in text
    assert person.made.recovery_key not in text
    assert [way["lookup_hash"] for way in person.made.request["ways"] if way["lookup_hash"] in text] == []
    assert [way["kind"] for way in row["ways"]] == ["password", "recovery"]
    assert row["lookup_hashes"] == [way["hash"] for way in row["ways"]]
    assert (row["demo"], row["last_opened"], row["ending"]) == (False, None, None)


async def test_the_recovery_key_signs_in_and_opens_the_same_master_key(world: World) -> None:
    person = await a_member(world)
    recovery = await person.recovery()
    answer = await person.sign_in(recovery)
    assert answer.status_code == 200
    assert opens(person, recovery, answer.json()["wrapped_master_key"])
    assert opens(person, person.made, (await person.sign_in()).json()["wrapped_master_key"])


@pytest.mark.parametrize("spelling", ["NEW@hearth.example", " new@hearth.example\u200b", "\uff4eew@hearth.example"])
async def test_an_address_has_one_account_however_it_is_spelt(world: World, spelling: str) -> None:
    await a_member(world)
    answer = await (await a_person(world, spelling)).sign_up()
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, TAKEN)
    assert len(await rows(world, "users")) == 2


async def test_the_address_of_a_row_of_before_is_taken(world: World) -> None:
    answer = await (await a_person(world, SEEDED)).sign_up()
    assert answer.status_code == 409


async def test_two_devices_that_make_an_account_of_one_address_at_once_make_one(world: World) -> None:
    people = [await a_person(world) for _ in range(4)]
    answers = await asyncio.gather(*(person.sign_up() for person in people))
    made = [person for person, answer in zip(people, answers, strict=True) if answer.status_code == 201]
    assert len(made) == 1
    assert {answer.status_code for answer in answers} <= {201, 409, 429}
    busy = [answer.json()["error"]["message"] for answer in answers if answer.status_code == 429]
    assert set(busy) <= {AT_WORK}
    assert [row["id"] for row in await rows(world, "users") if row["id"] != (await world.account())["account"]] == [
        made[0].made.id
    ]


async def test_the_disk_itself_keeps_a_second_account_of_an_address_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may write beside this one: the operator's command does."""
    person, other = await a_member(world), await a_person(world)

    async def nobody_yet(_hashed_email: str) -> None:
        return None

    monkeypatch.setattr(world.services.accounts, "read", nobody_yet)
    answer = await other.sign_up()
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, TAKEN)
    monkeypatch.undo()
    assert other.made.id not in [row["id"] for row in await rows(world, "users")]
    assert (await person.sign_in()).status_code == 200


async def test_a_request_that_is_repeated_is_answered_alike(world: World) -> None:
    person = await a_person(world)
    assert [(await person.sign_up()).status_code for _ in range(3)] == [201, 201, 201]
    assert len(await rows(world, "users")) == 2


async def test_the_id_of_an_account_that_is_there_makes_no_other_one(world: World) -> None:
    person, other = await a_member(world), await a_person(world, "other@hearth.example")
    other.made.request["account"] = person.made.id
    other.made.request["manifest"] = person.made.request["manifest"]
    answer = await other.sign_up()
    assert answer.status_code == 409
    assert (await person.sign_in()).status_code == 200
    manifest = person.made.request["manifest"]
    kept = next(each for each in await rows(world, "settings_and_memories") if each["id"] == manifest["id"])
    assert kept["sealed"] == manifest["sealed"]


def changed(ways: list[dict[str, Any]], **values: Any) -> list[dict[str, Any]]:
    return [{**ways[0], **values}, *ways[1:]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": "@hearth.example"},
        {"email": "a b@hearth.example"},
        {"email": ""},
        {"account": "not a uuid"},
        {"account": None},
        {"ways": None},
        {"ways": []},
        {"ways": [None]},
        {"manifest": None},
        {"manifest": {"id": "x"}},
    ],
)
async def test_what_does_not_make_an_account(world: World, wrong: dict[str, Any]) -> None:
    person = await a_person(world, **wrong)
    answer = await person.sign_up()
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"].endswith(".")
    assert len(await rows(world, "users")) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "x"},
        {"kind": "face"},
        {"kind": "recovery"},
        {"salt": "c2hvcnQ="},
        {"salt": 5},
        {"iterations": 599_999},
        {"iterations": 10_000_001},
        {"iterations": True},
        {"lookup_hash": "g" * 64},
        {"lookup_hash": None},
        {"wrapped_master_key": "AQ=="},
        {"wrapped_master_key": "A" * 300},
        {"wrapped_master_key": None},
    ],
)
async def test_what_is_no_way_into_an_account(world: World, wrong: dict[str, Any]) -> None:
    person = await a_person(world)
    person.more["ways"] = changed(person.made.request["ways"], **wrong)
    assert (await person.sign_up()).status_code == 400
    assert len(await rows(world, "users")) == 1


@pytest.mark.parametrize("wrong", [{"version": 2}, {"id": "other"}, {"app_id": "other"}, {"more": "in the clear"}])
async def test_what_is_not_the_first_manifest_of_the_account(world: World, wrong: dict[str, Any]) -> None:
    person = await a_person(world)
    person.more["manifest"] = {**person.made.request["manifest"], **wrong}
    assert (await person.sign_up()).status_code == 400


async def test_a_server_that_takes_nobody(world: World) -> None:
    with_policy(world, SignUp.CLOSED)
    person = await a_person(world)
    assert (await person.http.get("/api/sign-up")).json() == {"sign_up": "closed"}
    answer = await person.sign_up()
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, CLOSED)


async def test_accounts_are_made_so_often_from_one_network_address(world: World) -> None:
    person = await a_member(world)
    world.services.sign_ups.clear_all()
    for _ in range(rate_limit.SIGN_UPS.times):
        assert (await person.sign_up()).status_code == 201
    answer = await person.sign_up()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "36")
    elsewhere = Person(world, person.made, world.browser("10.0.0.9"))
    assert (await elsewhere.sign_up()).status_code == 201
    world.time.now_s += 36
    assert (await person.sign_up()).status_code == 201


@pytest.mark.parametrize("invited", [False, True])
async def test_a_server_that_dies_at_any_request_has_made_the_account_or_nothing(world: World, invited: bool) -> None:
    """The same device tries again on the server that is there next, and has its account in the end."""
    steps = 0
    while True:
        email = f"person-{steps}@hearth.example"
        code = new_code()
        await world.direct.create("invites", [invite_row(code, world.services.clocks.now_ms())])
        if invited:
            with_policy(world, SignUp.INVITE)
        person = await a_person(world, email, invite=code)
        await world.die_after(steps)
        answer = await person.sign_up()
        done = answer.status_code == 201 and world.requests.left != 0
        await world.restart()
        if invited:
            with_policy(world, SignUp.INVITE)
        person.http = world.browser()
        signed_in = (await person.sign_in()).status_code
        there = [row for row in await rows(world, "users") if row["id"] == person.made.id]
        assert signed_in == (200 if there else 401)
        assert (await person.sign_up()).status_code == 201
        assert (await person.sign_in()).status_code == 200
        device = await world.sign_in(email, PASSWORD)
        await device.connect()
        await device.take_until(WarmingComplete)
        assert len(device.open_all()[Collection.SETTINGS_AND_MEMORIES]) == 1
        if done:
            break
        steps += 1
    assert steps >= (5 if invited else 3), "every request of a sign-up is a place to die at"


async def test_somebody_else_has_the_address_after_an_account_did_not_come_to_be(world: World) -> None:
    person = await a_person(world)
    await world.die_after(2)
    assert (await person.sign_up()).status_code == 503
    await world.restart()
    other = await a_person(world)
    assert (await other.sign_up()).status_code == 201
