"""Warming: what it reads, the requests that it costs, and what every number of chats makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from hearth.core.protocol.server_events import (
    ErrorCode,
    FirstChatReady,
    ServerError,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.protocol import warming_cache
from server_mock.protocol.accounts import hash_email
from tests.server_mock.world import EMAIL, Closed, World, a_world, chat_requests

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


@pytest.mark.parametrize("chats", [0, 1, 10, 11, 100, 101])
async def test_every_number_of_chats(world: World, chats: int) -> None:
    await world.seed(chats=chats, messages=3)
    device = await world.sign_in()
    await device.connect()
    done = await device.take_until(WarmingComplete)
    assert isinstance(done, WarmingComplete)
    assert done.total_chats == min(chats, 100)
    assert len(device.records(CHATS)) == min(chats, 100)
    assert set(device.complete) == set(device.records(CHATS))
    assert {name: count for name, count in done.sent.items() if count} == dict(device.sent)
    expected = ["first_chat_ready", "recent_chats_ready", "settings_and_memories_ready"]
    expected += ["remaining_chats_ready"] if chats > 10 else []
    assert device.names() == [*expected, "warming_complete"]
    if chats <= 100:
        await device.assert_equals_server()
    assert device.open_all()[SETTINGS]
    # Without a last opened chat there is nothing to ask for by id; without chats no messages either.
    assert len(world.log()) == (5 if chats else 2)


async def test_a_cold_sign_in_costs_five_requests(world: World) -> None:
    await world.seed(chats=12)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    log = world.log()
    assert len(chat_requests(log)) == 4
    assert [(entry["method"], entry["collection"]) for entry in log] == [
        ("GET", "chats"),
        ("SEARCH", "messages"),
        ("SEARCH", "chats"),
        ("SEARCH", "settings_and_memories"),
        ("SEARCH", "messages"),
    ]
    by_id, its_messages, listing, settings, messages = log
    # The first four overlap; the messages of all chats are asked for once the chats are known.
    first_end = min(entry["finished_ms"] for entry in (by_id, its_messages, listing, settings))
    assert max(entry["started_ms"] for entry in (by_id, its_messages, listing, settings)) < first_end
    assert messages["started_ms"] >= listing["finished_ms"]
    assert listing["query"]["limit"] == 100
    assert listing["query"]["sort"][0] == "-last_updated"
    assert listing["query"]["filter"]["deleted_at"] == {"_null": True}
    assert len(messages["query"]["filter"]["chat_id"]["_in"]) == 11


async def test_warming_starts_before_the_socket_is_open(world: World) -> None:
    await world.seed(chats=12)
    device = await world.sign_in()
    warmed = world.services.warmings.find(device.account)
    assert warmed is not None
    await warmed.remaining()
    before = world.requests.count
    await device.connect()
    await device.take_until(WarmingComplete)
    assert world.requests.count == before
    assert len(world.log()) == 5


async def last_opened_is(world: World, chat_id: str | None) -> None:
    await world.change(set_last_opened={"chat_id": chat_id})


async def test_no_last_opened_chat_costs_two_requests_less(world: World) -> None:
    await world.seed(chats=12)
    await last_opened_is(world, None)
    device = await world.sign_in()
    await device.connect()
    first = await device.take()
    assert isinstance(first, FirstChatReady)
    assert (first.chat_id, first.counts, first.complete) == (None, {}, {})
    await device.take_until(WarmingComplete)
    assert len(world.log()) == 3
    await device.assert_equals_server()


@pytest.mark.parametrize("which", ["missing", "deleted", "somebody else's"])
async def test_a_last_opened_chat_that_is_not_there(world: World, which: str) -> None:
    await world.seed(chats=12)
    await world.seed(chats=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    chat_id = "00000000-0000-4000-8000-000000000000"
    if which == "deleted":
        chat_id = (await world.account())["chats"][5]["id"]
        await world.change(delete_chat=chat_id)
    if which == "somebody else's":
        chat_id = (await world.account(1))["chats"][0]["id"]
    await last_opened_is(world, chat_id)
    device = await world.sign_in()
    await device.connect()
    first = await device.take()
    assert isinstance(first, FirstChatReady)
    assert (first.chat_id, first.counts) == (None, {})
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()
    assert len(world.log()) == 5
    assert chat_id not in "".join(device.socket.texts)


async def test_a_last_opened_chat_beyond_the_hundred_comes_first(world: World) -> None:
    await world.seed(chats=105, messages=2)
    old = (await world.account())["chats"][104]["id"]
    await last_opened_is(world, old)
    device = await world.sign_in()
    await device.connect()
    first = await device.take()
    assert isinstance(first, FirstChatReady)
    assert first.chat_id == old
    done = await device.take_until(WarmingComplete)
    assert isinstance(done, WarmingComplete)
    assert done.total_chats == 101 == len(device.records(CHATS))
    assert len(world.log()) == 5


async def test_a_chat_without_messages(world: World) -> None:
    await world.seed(chats=8)
    empty = next(chat["id"] for chat in (await world.account())["chats"] if not chat["message_count"])
    await last_opened_is(world, empty)
    device = await world.sign_in()
    await device.connect()
    first = await device.take()
    assert isinstance(first, FirstChatReady)
    assert first.counts == {CHATS: 1}
    assert first.complete == {empty: device.records(CHATS)[empty]["changed_at"]}
    await device.take_until(WarmingComplete)


async def test_fifty_devices_share_one_warming(world: World) -> None:
    await world.seed(chats=12)
    lookup_hash = await world.lookup_hash()
    assert lookup_hash
    before = world.requests.count
    devices = await asyncio.gather(*(world.sign_in() for _ in range(50)))
    await asyncio.gather(*(device.connect() for device in devices))
    await asyncio.gather(*(device.take_until(WarmingComplete) for device in devices))
    assert world.requests.count - before == 5
    assert len(world.log()) == 5
    assert len({device.cursor for device in devices}) == 1


async def test_a_warming_is_kept_for_a_while_and_then_made_anew(world: World) -> None:
    await world.seed(chats=3)
    await (await (await world.sign_in()).connect()).take_until(WarmingComplete)
    before = world.requests.count
    world.time.now_s += warming_cache.CACHE_TTL_S - 1
    await (await (await world.sign_in()).connect()).take_until(WarmingComplete)
    assert world.requests.count == before
    world.time.now_s += 2
    await (await (await world.sign_in()).connect()).take_until(WarmingComplete)
    assert world.requests.count == before + 5


async def test_a_warming_that_failed_is_forgotten(world: World) -> None:
    await world.seed(chats=3)
    await world.lookup_hash()
    await world.control("faults", {"directus_status": 503})
    device = await world.sign_in()
    await device.connect()
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.BUSY
    assert await device.socket.closed() == 1013
    await world.control("faults", {})
    await device.connect()
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()


async def test_directus_fails_twice_and_then_answers(world: World) -> None:
    await world.seed(chats=3)
    await world.lookup_hash()
    await world.control("faults", {"directus_status": 503, "times": 2})
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    assert sorted(entry["status"] for entry in world.log()) == [200, 200, 200, 200, 200, 503, 503]


async def test_who_signs_in_after_a_change_does_not_get_the_old_warming(world: World) -> None:
    await world.seed(chats=5)
    await (await (await world.sign_in()).connect()).take_until(WarmingComplete)
    await world.change(rename_chat={"title": "renamed"})
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    assert "renamed" in device.open_all()[CHATS]
    assert len(world.log()) == 5


async def test_nothing_of_another_account_travels(world: World) -> None:
    await world.seed(chats=5)
    await world.seed(chats=5, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    device = await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    await device.connect()
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()
    mine: Mapping[str, Any] = await world.account(0)
    everything = "".join(device.socket.texts)
    assert not [chat["id"] for chat in mine["chats"] if chat["id"] in everything]


async def test_the_session_ends_with_the_account(world: World) -> None:
    await world.seed(chats=1)
    device = await world.sign_in()
    await world.direct.delete("users", device.account)
    world.services.accounts.forget(hash_email(EMAIL))
    world.services.warmings.clear()
    await device.connect()
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.SESSION
    with pytest.raises(Closed) as closed:
        await device.take()
    assert closed.value.code == 4401
