"""A Directus that gives fewer rows than it is asked for: everything comes all the same, or an error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.protocol.server_events import WarmingComplete
from hearth.core.records.schema import Collection
from server_mock.directus.client import UNTOLD_LIMIT, DirectusClient, DirectusUnavailable
from server_mock.directus.paging import TRIES, read_in_parts
from server_mock.directus.schema import Row
from server_mock.directus_standin.app import StandIn
from tests.server_mock.directus.test_client import TOKEN, Rig, chat, message, ok
from tests.server_mock.world import Device, World, a_world

LIMIT = 7


@pytest.fixture
async def client() -> AsyncIterator[DirectusClient]:
    standin = StandIn(TOKEN, query_limit=LIMIT)
    async with DirectusClient("http://directus", TOKEN, app=standin) as made:
        await made.learn_query_limit()
        yield made
    standin.close()


async def filled(client: DirectusClient, count: int) -> list[Row]:
    rows = [message(str(chat()["id"]), number) for number in range(count)]
    await client.create("messages", rows)
    return rows


@pytest.mark.parametrize("count", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT, 3 * LIMIT + 1])
async def test_all_rows_come_in_their_order(client: DirectusClient, count: int) -> None:
    rows = await filled(client, count)
    found = await client.search("messages", sort=("-created_at",))
    assert [row["id"] for row in found] == [row["id"] for row in reversed(rows)]
    assert len(client.log.entries()) >= count // LIMIT


@pytest.mark.parametrize(("limit", "offset"), [(10, 0), (10, 15), (LIMIT, 1), (-1, 18), (5, 40), (100, 3)])
async def test_a_limit_and_an_offset_of_ones_own(client: DirectusClient, limit: int, offset: int) -> None:
    rows = await filled(client, 20)
    found = await client.search("messages", sort=("created_at",), limit=limit, offset=offset)
    end = None if limit == -1 else offset + limit
    assert [row["id"] for row in found] == [row["id"] for row in rows[offset:end]]


async def test_a_count_is_that_of_all(client: DirectusClient) -> None:
    await filled(client, 20)
    rows, found = await client.search_counted("messages", filter={"version": {"_eq": 1}}, sort=("id",), limit=15)
    assert (len(rows), found) == (15, 20)


async def test_what_a_filter_finds_is_changed_to_the_last_row(client: DirectusClient) -> None:
    await filled(client, 20)
    assert await client.update_many("messages", filter={"version": {"_eq": 1}}, values={"version": 2}) == 20
    assert {row["version"] for row in await client.search("messages", fields=("version",))} == {2}


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        ({"queryLimit": {"default": 100, "max": 100}}, 100),
        ({"queryLimit": {"default": 100, "max": -1}}, None),
        ({"queryLimit": {"default": 100, "max": None}}, UNTOLD_LIMIT),
        ({"queryLimit": "many"}, UNTOLD_LIMIT),
        ({}, UNTOLD_LIMIT),
    ],
)
async def test_the_limit_is_what_directus_tells(told: dict[str, Any], limit: int | None) -> None:
    rig = Rig(ok(told))
    assert await rig.client.learn_query_limit() == rig.client.query_limit == limit
    assert rig.server.requests[0].url.path == "/server/info"


async def test_a_limit_that_is_not_told_is_found() -> None:
    standin = StandIn(TOKEN, query_limit=LIMIT)
    async with DirectusClient("http://directus", TOKEN, app=standin) as client:
        client.query_limit = UNTOLD_LIMIT
        await filled(client, 20)
        assert len(await client.search("messages")) == 20
    standin.close()


async def test_rows_that_move_while_they_are_read_are_read_again() -> None:
    rows = [{"id": str(number)} for number in range(6)]
    reads: list[int] = []

    async def read(query: dict[str, Any]) -> tuple[list[Row], int]:
        reads.append(query["offset"])
        part = rows[query["offset"] : query["offset"] + query["limit"]]
        if len(reads) == 1:
            rows.append(rows.pop(0))  # it changed, and comes last now: the one at the seam is passed over
        return part, len(rows)

    found, count = await read_in_parts(read, {"limit": -1}, 2)
    assert ({row["id"] for row in found}, count) == (set("012345"), 6)
    assert reads == [0, 2, 4, 0, 2, 4]


async def test_rows_that_never_rest_are_an_error() -> None:
    reads = 0

    async def read(query: dict[str, Any]) -> tuple[list[Row], int]:
        nonlocal reads
        reads += 1
        return [{"id": "the same"}] * min(2, query["limit"]), 4

    with pytest.raises(DirectusUnavailable):
        await read_in_parts(read, {"limit": -1}, 2)
    assert reads == 2 * TRIES


async def warmed(query_limit: int | None) -> tuple[Device, World, list[dict[str, Any]]]:
    async with a_world(query_limit=query_limit) as world:
        await world.seed(chats=30, messages=12)
        device = await (await world.sign_in()).connect()
        await device.take_until(WarmingComplete)
        log = world.log()
        await device.assert_equals_server()
        return device, world, log


async def test_a_warming_brings_everything_although_the_limit_is_lower_than_it_needs() -> None:
    free, _, four = await warmed(None)
    device, world, more = await warmed(25)
    for collection in Collection:
        assert device.records(collection).keys() == free.records(collection).keys(), collection
    assert len([entry for entry in four if entry["collection"] in ("chats", "messages")]) == 4
    assert len(more) > len(four)
    assert max(entry["rows"] for entry in more) == 25
    assert world.requests.count > 4
