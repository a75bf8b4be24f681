"""What is purged, what stays, and that nothing deleted comes back: however long a device was away."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hearth.core.protocol.server_events import Refusal
from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusClient, Retrying
from server_mock.protocol import purging
from server_mock.protocol.invites import VALID_MS, invite_row, new_code
from server_mock.protocol.lease import Lease
from server_mock.protocol.purging import DAY_MS, INVITES_MS, TOMBSTONES_MS, Purge
from server_mock.protocol.sessions import REMEMBERED_S, STAY_S, Sessions
from tests.server_mock.world import TOKEN, Device, World, a_world, no_sleep
from tests.server_mock.writing import Pen, a_device

CHATS, MESSAGES, ENTRIES = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=4, messages=3)
        yield world


def later(world: World, ms: float) -> None:
    world.time.now_s += ms / 1000


async def ids(world: World, collection: str, **filters: Any) -> set[str]:
    return {row["id"] for row in await world.direct.search(collection, filter=filters or None)}


async def a_device_that_comes_back(world: World, device: Device) -> Device:
    """A device signs in again after a long time, with all that it had."""
    again = await world.sign_in(stay=True)
    again.cursor, again.tables, again.complete = device.cursor, device.tables, device.complete
    await again.connect("away")
    return await again.synchronised()


async def test_a_device_that_was_away_for_long_loses_what_was_deleted_and_cannot_bring_it_back(world: World) -> None:
    away = await a_device(world, "away")
    unsent = Pen(away)
    before = unsent.chat
    chat = before["id"]
    waiting = [unsent.message(chat, "written before the flight")]
    messages = {row["id"] for row in unsent.messages(chat)}
    single = unsent.messages(min(away.records(CHATS).keys() - {chat}))[0]
    await away.disconnect()
    assert messages

    here = Pen(await a_device(world, "here"))
    await here.write({CHATS: [here.tombstone(CHATS, here.device.records(CHATS)[chat])]})
    await here.write({MESSAGES: [here.tombstone(MESSAGES, single)]})
    await here.device.disconnect()
    later(world, TOMBSTONES_MS + DAY_MS)
    await world.services.purge.purge()
    assert not messages & await ids(world, "messages")
    assert single["id"] in await ids(world, "messages"), "it stays as long as its chat"

    device = await a_device_that_comes_back(world, away)
    assert chat not in device.records(CHATS)
    assert not messages & device.records(MESSAGES).keys()
    assert single["id"] not in device.records(MESSAGES)
    await device.assert_equals_server()
    pen = Pen(device)
    manifest = pen.next(pen.manifest)
    pen.send({MESSAGES: waiting, ENTRIES: [manifest]})
    assert (await pen.refused()).reason is Refusal.DELETED
    pen.send({CHATS: [{**before, "version": 1}], ENTRIES: [manifest]})
    assert (await pen.refused()).reason is Refusal.DELETED
    await device.assert_equals_server()
    assert not messages & await ids(world, "messages")


async def test_the_messages_of_a_deleted_chat_stay_for_their_time_and_those_of_others_for_good(world: World) -> None:
    pen = Pen(await a_device(world, "here"))
    chat = pen.chat["id"]
    await pen.write({CHATS: [pen.tombstone(CHATS, pen.chat)]})
    before = await ids(world, "messages")
    later(world, TOMBSTONES_MS - DAY_MS)
    await world.services.purge.purge()
    assert await ids(world, "messages") == before
    later(world, 2 * DAY_MS)
    await world.services.purge.purge()
    assert len(await ids(world, "messages")) < len(before)
    assert not await ids(world, "messages", chat_id={"_eq": chat})
    assert chat in await ids(world, "chats"), "the chat's own row tells every device"


async def test_many_deleted_chats_are_purged_in_parts_and_looked_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "CHATS_AT_ONCE", 2)
    monkeypatch.setattr(purging, "ROWS_AT_ONCE", 2)
    pen = Pen(await a_device(world, "here"))
    for chat in list(pen.device.records(CHATS).values())[:3]:
        await pen.write({CHATS: [pen.tombstone(CHATS, chat)]})
    later(world, TOMBSTONES_MS + DAY_MS)
    await world.services.purge.purge()
    left = {row["chat_id"] for row in await world.direct.search("messages")}
    assert left == set(pen.device.records(CHATS))
    count = world.requests.count
    assert world.direct.log is not world.services.client.log
    world.direct.log.reset()
    await world.services.purge.tombstones()
    assert [each["rows"] for each in world.direct.log.entries()] == [0]
    assert world.requests.count == count, "no request of a device's"


async def test_of_the_leases_the_newest_stays_and_its_number_is_followed(world: World) -> None:
    for _ in range(3):
        async with Lease(world.direct):
            pass
    await world.services.purge.leases()
    assert [row["number"] for row in await world.direct.search("leases")] == [3]
    async with Lease(world.direct):
        assert [row["number"] for row in await world.direct.search("leases", sort=("number",))] == [3, 4]


async def test_sessions_that_are_long_over_are_forgotten(world: World) -> None:
    await world.sign_in(stay=True)
    later(world, (STAY_S + REMEMBERED_S - 10) * 1000)
    await world.services.purge.purge()
    assert len(world.services.sessions) == 1
    later(world, 20_000)
    await world.services.purge.purge()
    await world.services.sessions.written()
    assert len(world.services.sessions) == 0
    assert await ids(world, "sessions") == set()


async def test_old_invites_go(world: World) -> None:
    now = world.services.clocks.now_ms()
    await world.direct.create("invites", [invite_row(new_code(), now), invite_row(new_code(), now + 2 * DAY_MS)])
    later(world, VALID_MS + DAY_MS)
    await world.services.purge.purge()
    assert len(await ids(world, "invites")) == 2
    later(world, INVITES_MS - VALID_MS)
    await world.services.purge.purge()
    assert len(await ids(world, "invites")) == 1


async def test_a_token_that_may_not_delete_is_told_of_in_the_log_and_all_else_goes_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    class NoDelete(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "DELETE":
                error = {"message": "no", "extensions": {"code": "FORBIDDEN"}}
                return httpx.Response(403, json={"errors": [error]}, request=request)
            return await httpx.ASGITransport(app=world.standin).handle_async_request(request)

    client = DirectusClient("http://directus", TOKEN, transport=NoDelete(), retrying=Retrying(sleep=no_sleep))
    await world.direct.create("invites", [invite_row(new_code(), 1)])
    purge = Purge(client, Sessions(world.time), world.services.clocks.now_ms)
    with caplog.at_level(logging.WARNING):
        await purge.purge()
    assert "old invites could not be deleted" in caplog.text
