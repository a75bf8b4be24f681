"""Invite codes: each makes one account within its time, and what lies on the disk makes none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from server_mock.protocol.invites import VALID_MS, invite_row, new_code
from server_mock.protocol.sign_up import NO_INVITE, SignUp
from tests.server_mock.accounts import a_person, with_policy
from tests.server_mock.world import World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=1)
        yield world


async def rows(world: World, collection: str) -> list[dict[str, Any]]:
    return await world.direct.search(collection)


async def test_an_invite_makes_one_account(world: World) -> None:
    code = new_code()
    await world.direct.create("invites", [invite_row(code, world.services.clocks.now_ms())])
    with_policy(world, SignUp.INVITE)
    for wrong in (None, "", "x", code[:-1], 5, code * 20):
        answer = await (await a_person(world, invite=wrong)).sign_up()
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, NO_INVITE), wrong
    assert (await (await a_person(world, invite=f" {code}\n")).sign_up()).status_code == 201
    again = await (await a_person(world, "other@hearth.example", invite=code)).sign_up()
    assert again.status_code == 403
    assert code not in str(await rows(world, "invites"))


async def test_an_invite_is_good_for_thirty_days(world: World) -> None:
    code = new_code()
    await world.direct.create("invites", [invite_row(code, world.services.clocks.now_ms())])
    with_policy(world, SignUp.INVITE)
    world.time.now_s += VALID_MS / 1000
    assert (await (await a_person(world, invite=code)).sign_up()).status_code == 403
    world.time.now_s -= 1
    assert (await (await a_person(world, invite=code)).sign_up()).status_code == 201
