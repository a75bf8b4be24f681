"""The manifest on the server's disk, opened and held against everything there; and changes that it follows."""

from __future__ import annotations

from typing import Any

from hearth.core.records.manifest import Manifest, manifest_id, shard_ids
from hearth.core.records.manifest_checks import FINE, judge
from hearth.core.records.schema import Collection
from hearth.testing.cpython_cipher import fingerprint_of
from server_mock.testing.manifest_builder import standing_of
from tests.server_mock.world import Device, World

CHATS, MESSAGES, SETTINGS = Collection
KINDS = ("add_message", "rename_chat", "set_draft", "delete_chat", "set_setting", "edit_message", "add_chat")


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
