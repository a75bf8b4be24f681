"""Sessions on the disk: they outlive the process, few requests write them, and what fails is written later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import SessionEnd, UpToDate
from server_mock.protocol import sessions
from server_mock.protocol.api import COOKIE
from server_mock.protocol.session_store import COLLECTION, SessionStore
from server_mock.protocol.sessions import Sessions
from tests.server_mock.world import LATEST_S, World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=3)
        yield world


async def rows(world: World) -> list[dict[str, object]]:
    return await world.direct.search(COLLECTION, sort=("expires_at",))


async def again(world: World) -> Sessions:
    """The sessions as a server would find them that starts now."""
    found = Sessions(world.time, SessionStore(world.direct))
    await found.load()
    return found


async def test_what_is_answered_is_on_the_disk_as_a_hash(world: World) -> None:
    device = await world.sign_in(stay=True)
    (row,) = await rows(world)
    assert row["user_id"] == device.account
    assert row["revoked"] is False
    assert device.token not in json.dumps(row)
    assert (await again(world)).find(device.token) is not None


async def test_a_sign_out_is_on_the_disk_when_it_is_answered(world: World) -> None:
    device = await world.sign_in()
    await device.http.post("/api/sign-out", json={})
    found = await again(world)
    assert found.find(device.token) is None
    assert found.end_of(device.token) is SessionEnd.REVOKED


async def test_after_a_restart_the_cookie_works_and_costs_nothing(world: World) -> None:
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    await device.disconnect()
    await world.restart()
    cookie = {"Cookie": f"{COOKIE}={device.token}"}
    assert (await world.http.get("/api/session", headers=cookie)).status_code == 204
    await device.connect()
    await device.synchronised()
    before, at = world.requests.count, len(world.direct.log.entries())
    await device.disconnect()
    await device.connect()
    assert isinstance(await device.take(), UpToDate)
    await device.settled()
    assert world.requests.count == before
    assert world.direct.log.entries()[at:] == [], "sessions are in memory: a reload asks the disk for nothing"


async def test_twenty_sign_ins_at_once_are_few_requests(world: World) -> None:
    await world.lookup_hash()
    world.direct.log.reset()
    devices = await asyncio.gather(*(world.sign_in() for _ in range(20)))
    assert len(await rows(world)) == len({device.token for device in devices}) == 20
    writes = [entry for entry in world.direct.log.entries() if entry["method"] == "POST"]
    assert 1 <= len(writes) < 20
    assert {entry["collection"] for entry in world.log()} == {"chats", "messages", "settings_and_memories"}


async def test_what_is_long_over_is_deleted(world: World) -> None:
    await world.sign_in()
    world.time.now_s += sessions.VISIT_S + sessions.REMEMBERED_S
    kept = await world.sign_in()
    found = await again(world)
    assert await found.written()
    assert len(found) == len(await rows(world)) == 1
    assert found.find(kept.token)


async def test_more_sessions_than_one_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server_mock.protocol.session_store.PAGE_ROWS", 2)
    tokens = [(await world.sign_in()).token for _ in range(5)]
    found = await again(world)
    assert all(found.find(token) for token in tokens)


async def test_a_disk_that_fails_keeps_nobody_out_and_gets_it_later(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    pause = asyncio.Event()
    store = SessionStore(world.services.client, pause=pause.wait)
    open_sessions = Sessions(world.time, store)
    await open_sessions.load()
    world.faults.apply({"directus_status": 503})
    token = open_sessions.begin("user", "hash", stay=True)
    assert not await open_sessions.written(LATEST_S)
    assert open_sessions.find(token)
    assert "could not be written down" in caplog.text
    world.faults.clear()
    await store.close()
    assert (await again(world)).find(token)


async def test_a_write_whose_answer_was_lost_is_written_again(world: World) -> None:
    store = SessionStore(world.direct)
    open_sessions = Sessions(world.time, store)
    token = open_sessions.begin("user", "hash", stay=True)
    assert await open_sessions.written()
    session = open_sessions.find(token)
    assert session is not None
    # One that does not know of the row, as if the answer had been lost.
    unaware = Sessions(world.time, SessionStore(world.direct))
    unaware.adopt([session])
    unaware.end(session)
    assert await unaware.written()
    assert (await again(world)).end_of(token) is SessionEnd.REVOKED
    assert len(await rows(world)) == 1


async def test_what_has_failed_is_tried_again_after_a_pause(world: World) -> None:
    pause = asyncio.Event()
    store = SessionStore(world.services.client, pause=pause.wait)
    world.faults.apply({"directus_status": 401, "times": 1})
    open_sessions = Sessions(world.time, store)
    first = open_sessions.begin("user", "hash", stay=True)
    assert not await open_sessions.written(LATEST_S)
    second = open_sessions.begin("user", "hash", stay=True)
    assert not await open_sessions.written(LATEST_S), "nobody waits for the pause"
    pause.set()
    assert store._writing is not None
    await store._writing
    found = await again(world)
    assert found.find(first)
    assert found.find(second)
