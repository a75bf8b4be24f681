"""The manifest on the server's disk: it holds after every history of changes, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.core.protocol.device_events import Refetch
from hearth.core.protocol.server_events import Changes, Refetched, WarmingComplete
from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import manifest_id, shard_ids, shard_of
from hearth.core.records.schema import Collection
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from tests.server_mock.testing.manifests import KINDS, assert_it_holds, make, manifest_of
from tests.server_mock.world import World, a_world

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


async def test_a_new_account_has_a_manifest_that_holds(world: World) -> None:
    await world.seed(chats=12)
    assert (await assert_it_holds(world, await world.sign_in())).version > 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 7), st.sampled_from(KINDS)), max_size=8))
def test_it_holds_after_every_history(history: list[tuple[int, str]]) -> None:
    asyncio.run(play(history))


async def play(history: list[tuple[int, str]]) -> None:
    """Make the changes of a history and look."""
    async with a_world() as world:
        await world.seed(chats=3, messages=2)
        device = await world.sign_in()
        before = (await manifest_of(world, device)).version
        for number, kind in history:
            await make(world, number, kind)
        after = (await assert_it_holds(world, device)).version
        assert before <= after <= before + len(history)


async def test_a_chat_that_fell_off_the_list_comes_back_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "MAX_LISTED", 2)
    monkeypatch.setattr(manifests, "shard_of", lambda _chat: 0)
    await world.seed(chats=4, messages=3)
    device = await world.sign_in()
    oldest = (await world.account())["chats"][-1]
    assert oldest["id"] not in (await manifest_of(world, device)).chats
    await world.change(add_message={"chat_id": oldest["id"], "text": "again"})
    assert (await manifest_of(world, device)).chats[oldest["id"]].messages == len(oldest["messages"]) + 1


async def test_a_chat_is_fetched_again_whole_with_the_manifest(world: World) -> None:
    await world.seed(chats=3, messages=4)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    chat = (await world.account())["chats"][1]
    listed = manifest_id(device.account)
    device.socket.send(Refetch(collection=CHATS, record_id=chat["id"], manifest_id=listed))
    event, records = await device.socket.receive()
    assert isinstance(event, Refetched)
    assert event.complete.keys() == {chat["id"]}
    assert {row["id"] for row in records[CHATS]} == {chat["id"]}
    assert {row["id"] for row in records[MESSAGES]} == set(chat["messages"])
    shard = shard_ids(listed)[shard_of(chat["id"])]
    assert {row["id"] for row in records[SETTINGS]} == {listed, shard}

    await world.change(delete_chat=chat["id"])
    event, _records = await device.socket.receive()
    assert isinstance(event, Changes)
    device.socket.send(Refetch(collection=CHATS, record_id=chat["id"], manifest_id=listed))
    event, records = await device.socket.receive()
    assert [row["deleted_at"] is None for row in records[CHATS]] == [False]
    assert MESSAGES not in records

    device.socket.send(Refetch(collection=SETTINGS, record_id=listed, manifest_id=listed))
    event, records = await device.socket.receive()
    assert {row["id"] for row in records[SETTINGS]} == {row["id"] for row in await world.rows(SETTINGS, device.account)}


async def test_nobody_fetches_what_is_somebody_elses(world: World) -> None:
    await world.seed(chats=2, messages=2)
    await world.seed(chats=2, messages=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    device, guest = await world.sign_in(), await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    await guest.connect()
    await guest.take_until(WarmingComplete)
    chat = (await world.account())["chats"][0]
    asked = Refetch(collection=CHATS, record_id=chat["id"], manifest_id=manifest_id(device.account))
    guest.socket.send(asked)
    event, records = await guest.socket.receive()
    assert isinstance(event, Refetched)
    assert not any(records.values())
    assert not event.complete


LIES: dict[str, tuple[str, str]] = {
    "drop_message": ("messages", "one less"),
    "drop_chat": ("chats", "one less"),
    "drop_manifest": ("settings_and_memories", "one less"),
    "rollback_chat": ("chats", "as before"),
    "rollback_account": ("chats", "as before"),
    "replay_message": ("messages", "as before"),
    "swap_messages": ("messages", "exchanged"),
}
