"""A disk that lies: as it is told, and no lie that there is none of."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import WarmingComplete
from hearth.core.records.schema import Collection
from tests.server_mock.testing.test_manifest_builder import LIES
from tests.server_mock.world import World, a_world

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


@pytest.mark.parametrize("lie", LIES)
async def test_the_disk_lies_as_it_is_told(world: World, lie: str) -> None:
    await world.seed(chats=2, messages=3)
    honest = await world.sign_in()
    await honest.connect()
    await honest.take_until(WarmingComplete)
    chat = (await world.account())["chats"][0]
    one, other = chat["messages"][:2]
    before = {name: dict(rows) for name, rows in honest.tables.items()}
    await world.change(edit_message={"message_id": one, "text": "edited"})
    value = {
        "drop_message": one,
        "replay_message": one,
        "swap_messages": [one, other],
        "drop_manifest": True,
        "rollback_account": True,
    }.get(lie, chat["id"])
    await world.control("faults", {lie: value})
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    collection, what = Collection(LIES[lie][0]), LIES[lie][1]
    shown, truth = device.tables[collection], {row["id"]: row for row in await world.rows(collection, device.account)}
    if what == "one less":
        assert len(shown) == len(truth) - 1
    elif what == "exchanged":
        assert shown[one]["content"] == truth[other]["content"]
    else:
        name = chat["id"] if collection is CHATS else one
        assert shown[name] == before[collection][name]
        assert shown[name]["version"] == truth[name]["version"] - 1
    await world.control("faults", {})
    healed = await world.sign_in()
    await healed.connect()
    await healed.take_until(WarmingComplete)
    await healed.assert_equals_server()


async def test_a_lie_that_there_is_none_of_is_refused(world: World) -> None:
    for bad in ({"swap_messages": ["a"]}, {"rollback_account": 1}, {"drop_message": 3}):
        answer = await world.http.post("/control/faults", json=bad)
        assert answer.status_code == 400
