"""The manifest's next writing: it settles what broke off, and never writes over one that it cannot read."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from hearth.core.records.manifest import manifest_id, shard_ids
from hearth.core.records.schema import Collection
from tests.server_mock.testing.manifests import KINDS, assert_it_holds, make
from tests.server_mock.world import World, a_world

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
async def test_an_account_without_a_manifest_gets_one_with_the_first_change(world: World, kind: str) -> None:
    await world.seed(chats=3, messages=2)
    device = await world.sign_in()
    own = {manifest_id(device.account), *shard_ids(manifest_id(device.account))}
    for row in await world.rows(SETTINGS, device.account):
        if row["id"] in own:
            await world.direct.delete(SETTINGS.value, row["id"])
    await make(world, 0, kind)
    await assert_it_holds(world, device)


async def test_the_next_writing_settles_one_that_broke_off(world: World) -> None:
    await world.seed(chats=3, messages=2)
    device = await world.sign_in()
    chat = (await world.rows(CHATS, device.account))[1]
    await world.direct.update("chats", chat["id"], {"version": chat["version"] + 1})
    row = {**(await world.rows(MESSAGES, device.account))[0], "id": str(uuid.uuid4()), "chat_id": chat["id"]}
    await world.direct.create("messages", [row])
    with pytest.raises(AssertionError):
        await assert_it_holds(world, device)
    await world.change(rename_chat={"chat_id": chat["id"], "title": "settled"})
    await assert_it_holds(world, device)


async def test_a_manifest_that_does_not_open_is_not_written_over(world: World) -> None:
    await world.seed(chats=1)
    device = await world.sign_in()
    row = await world.direct.read(SETTINGS.value, manifest_id(device.account))
    assert row
    await world.direct.update(SETTINGS.value, row["id"], {"sealed": row["sealed"][:-8] + "AAAAAAA="})
    before = len((await world.account())["chats"][0]["messages"])
    answer = await world.http.post("/control/changes", json={"add_message": {"text": "x"}})
    assert answer.status_code == 400
    assert "manifest" in answer.json()["error"]["message"]
    assert len((await world.account())["chats"][0]["messages"]) == before, "nothing was written without it"
