"""The manifest on the server's disk: it holds after every history of changes, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.core.protocol.device_events import Refetch
from hearth.core.protocol.server_events import Changes, Refetched, WarmingComplete
from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import Manifest, manifest_id, shard_ids, shard_of
from hearth.core.records.manifest_checks import FINE, judge
from hearth.core.records.schema import Collection
from hearth.testing.cpython_cipher import fingerprint_of
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.testing.manifest_builder import standing_of
from tests.server_mock.world import Device, World, a_world

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


async def manifest_of(world: World, device: Device) -> Manifest:
    """The manifest that is on the disk, opened with the account's keys."""
    rows = {row["id"]: row for row in await world.rows(SETTINGS, device.account)}
    standing = standing_of(device.keyring, manifest_id(device.account), rows)
    assert standing
    return standing.manifest


async def assert_it_holds(world: World, device: Device) -> Manifest:
    """Everything on the disk is as the manifest has it."""
    manifest = await manifest_of(world, device)
    chats = await world.rows(CHATS, device.account)
    messages = await world.rows(MESSAGES, device.account)
    entries = await world.rows(SETTINGS, device.account)
    assert set(manifest.chats) == {chat["id"] for chat in chats}
    for chat in chats:
        own = [message for message in messages if message["chat_id"] == chat["id"]]
        held = fingerprint_of(manifest.secret, CHATS, [chat]).plus(fingerprint_of(manifest.secret, MESSAGES, own))
        assert judge(manifest, chat["id"], chat["version"], chat["last_updated"], held) == FINE
    names = shard_ids(manifest_id(device.account))
    shards = [entry for entry in entries if entry["id"] in names]
    others = [entry for entry in entries if entry["id"] not in (manifest_id(device.account), *names)]
    assert fingerprint_of(manifest.secret, SETTINGS, shards) == manifest.shards
    assert fingerprint_of(manifest.secret, SETTINGS, others) == manifest.entries
    return manifest


async def test_a_new_account_has_a_manifest_that_holds(world: World) -> None:
    await world.seed(chats=12)
    assert (await assert_it_holds(world, await world.sign_in())).version > 0


async def make(world: World, number: int, kind: str) -> None:
    """One change of a kind, to one of the chats that are there."""
    chats = (await world.account())["chats"]
    if not chats or kind == "add_chat":
        await world.change(add_chat={"title": f"new {number}", "messages": ["one", "two"][: number % 3]})
        return
    chat = chats[number % len(chats)]
    change: dict[str, Any] = {
        "add_message": {"chat_id": chat["id"], "text": f"text {number}"},
        "rename_chat": {"chat_id": chat["id"], "title": f"title {number}"},
        "set_draft": {"chat_id": chat["id"], "text": "draft" if number % 2 else None},
        "delete_chat": chat["id"],
        "set_setting": {"app": f"App {number % 2}", "name": f"n{number % 3}", "value": f"value {number}"},
        "edit_message": {"message_id": (chat["messages"] or [""])[-1], "text": f"edited {number}"},
    }
    if kind != "edit_message" or chat["messages"]:
        await world.change(**{kind: change[kind]})


KINDS = ("add_message", "rename_chat", "set_draft", "delete_chat", "set_setting", "edit_message", "add_chat")


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
