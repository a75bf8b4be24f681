"""What a device lacks: asked of Directus as a delta, or chat by chat, and put into the order of sending."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from hearth.core.dataclass_json import MAX_SAFE_INTEGER
from hearth.core.protocol.device_events import Hello, Refetch
from hearth.core.records.manifest import shard_ids, shard_of
from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row, is_uuid
from server_mock.protocol.change_log import UserState
from server_mock.protocol.packing import Rendered, Unit, render, render_all
from server_mock.protocol.tasks import together

TOMBSTONE_RETENTION_MS = 90 * 24 * 3600 * 1000
"""How long deletions are remembered at least: a device away for longer is warmed again."""

IDS_AT_ONCE = 1_000
"""Ids of one request: 39 KB, whatever Directus takes."""

MAX_DELTA_CHATS = 500
"""Beyond so many changed chats a warming is less than the delta."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Everything that changed after a stamp, up to `stamp`."""

    stamp: int
    units: Sequence[Unit]


async def standing(client: DirectusClient, state: UserState, hashed_user_id: str, since: int | None) -> Delta | None:
    """What a device that stands at `since` lacks; a delta without units when it lacks nothing.

    None when that cannot be told from changes alone and the device has to be warmed again. A device that
    is up to date costs no request. Raises `DirectusError`.
    """
    if since is None or state.is_future(since) or since < state.now_ms() - TOMBSTONE_RETENTION_MS:
        return None
    if state.newest is not None and since >= state.newest:
        return Delta(since, ())
    return await read_delta(client, state, hashed_user_id, since)


async def read_delta(client: DirectusClient, state: UserState, hashed_user_id: str, since: int) -> Delta | None:
    """Ask Directus what changed after `since`: three requests at most. None when it is too much."""
    async with state.lock:
        known, stamp = state.newest is not None, state.next_stamp()
    mine = {"hashed_user_id": {"_eq": hashed_user_id}, "changed_at": {"_gt": since}}
    chats, settings = await together(
        client.search("chats", filter=mine, sort=("changed_at",), limit=MAX_DELTA_CHATS + 1),
        client.search("settings_and_memories", filter=mine, sort=("changed_at",)),
    )
    if len(chats) > MAX_DELTA_CHATS:
        return None
    live = [chat["id"] for chat in chats if chat["deleted_at"] is None]
    changed = {**mine, "chat_id": {"_in": live}}
    messages = await client.search("messages", filter=changed, sort=("created_at", "id")) if live else []
    state.learn_chats(live)
    if not known:
        # Nobody knew: now it is known, unless a write came in between, which knows better.
        found = max((row["changed_at"] for row in (*chats, *settings, *messages)), default=since)
        async with state.lock:
            state.newest = max(found, state.newest or 0)
    units = change_units(chats, messages, settings, since=since, until=stamp)
    return Delta(stamp if units else since, units)


async def not_warmed(
    client: DirectusClient, hashed_user_id: str, hello: Hello, since: int | None, covered: Set[str]
) -> list[Unit]:
    """What happened to chats that a device holds and a warming did not bring: deletions, and changes.

    A new device holds nothing, and costs no request; one that resumes costs one, or two. One that was up to date
    at `since` does not say what it holds: whatever changed after that may concern it.
    """
    if hello.since is None and not hello.have and not hello.have_settings:
        return []
    mine: dict[str, Any] = {"hashed_user_id": {"_eq": hashed_user_id}}
    held = [chat_id for chat_id in hello.have if chat_id not in covered and is_uuid(chat_id)]
    # Of some chats it may hold the title alone, which `have` does not say: every deletion may concern it.
    either: list[dict[str, Any]] = [{"deleted_at": {"_nnull": True}}]
    either += [{"id": {"_in": held[:IDS_AT_ONCE]}}] if held else []
    either += [{"changed_at": {"_gt": since}}] if since is not None else []
    found = {row["id"]: row for row in await client.search("chats", filter={**mine, "_or": either})}
    for ids in _portions(held[IDS_AT_ONCE:]):
        found |= {row["id"]: row for row in await client.search("chats", filter={**mine, "id": {"_in": ids}})}
    changed = [
        chat
        for chat in found.values()
        if chat["changed_at"] != hello.have.get(chat["id"])
        and (chat["deleted_at"] is not None or chat["id"] not in covered)
    ]
    alive = [chat["id"] for chat in changed if chat["deleted_at"] is None]
    messages: list[Row] = []
    for ids in _portions(alive):
        messages += await client.search("messages", filter={**mine, "chat_id": {"_in": ids}})
    return change_units(changed, messages, (), since=0, until=MAX_SAFE_INTEGER)


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))


async def read_chat(client: DirectusClient, hashed_user_id: str, chat_id: str) -> Unit | None:
    """A chat with all its messages, tombstones included; None when it is not the user's, or deleted."""
    row = await client.read("chats", chat_id)
    if row is None or row["deleted_at"] is not None or not owned_by(row, hashed_user_id):
        return None
    mine = {"hashed_user_id": {"_eq": hashed_user_id}, "chat_id": {"_eq": chat_id}}
    # After the chat itself: a message that comes in between is rather here than missing.
    messages = await client.search("messages", filter=mine, sort=("created_at", "id"))
    records = [*render_all(Collection.CHATS, [row]), *render_all(Collection.MESSAGES, messages)]
    return Unit(records, {chat_id: row["changed_at"]}, chat_id)


async def read_again(client: DirectusClient, state: UserState, hashed_user_id: str, frame: Refetch) -> Unit:
    """The record that a device asks for, if it is the user's; for a check against the manifest also what belongs to it.

    That is read under the lock, so that it is all of one moment: no writing is half in it.
    """
    if frame.manifest_id is None:
        return Unit(await _one(client, hashed_user_id, frame.collection, frame.record_id))
    async with state.lock:
        if frame.collection is Collection.SETTINGS_AND_MEMORIES:
            mine = {"hashed_user_id": {"_eq": hashed_user_id}}
            return Unit(render_all(frame.collection, await client.search(frame.collection.value, filter=mine)))
        shard = shard_ids(frame.manifest_id)[shard_of(frame.record_id)]
        records = await _some(client, hashed_user_id, Collection.SETTINGS_AND_MEMORIES, (frame.manifest_id, shard))
        chat = await read_chat(client, hashed_user_id, frame.record_id)
        if chat is None:
            # Deleted: its tombstone is the answer.
            return Unit([*await _one(client, hashed_user_id, Collection.CHATS, frame.record_id), *records])
    return Unit([*chat.records, *records], chat.complete, chat.chat_id)


async def _one(client: DirectusClient, hashed_user_id: str, collection: Collection, record_id: str) -> list[Rendered]:
    row = await client.read(collection.value, record_id)
    return [render(collection, row)] if row is not None and owned_by(row, hashed_user_id) else []


async def _some(
    client: DirectusClient, hashed_user_id: str, collection: Collection, ids: Sequence[str]
) -> list[Rendered]:
    known = [each for each in ids if is_uuid(each)]
    mine = {"hashed_user_id": {"_eq": hashed_user_id}, "id": {"_in": known}}
    return render_all(collection, await client.search(collection.value, filter=mine, limit=len(known)))


def change_units(
    chats: Sequence[Row],
    messages: Sequence[Row],
    settings: Sequence[Row],
    *,
    since: int,
    until: int,
    created: Set[str] = frozenset(),
) -> list[Unit]:
    """Changed rows as units: tombstones first, then chat by chat, then settings and memories.

    A chat counts as complete only when it was made after `since`, or is one of `created`: of an older one the device
    may not hold the messages that did not change. A chat whose device's clock was ahead of the server's proves nothing.
    """
    rows = (
        (Collection.CHATS, chats),
        (Collection.MESSAGES, messages),
        (Collection.SETTINGS_AND_MEMORIES, settings),
    )
    tombstones = [
        record
        for collection, each in rows
        for record in render_all(collection, (row for row in each if row["deleted_at"] is not None))
    ]
    units = [Unit(tombstones)] if tombstones else []
    by_chat: dict[str, list[Row]] = {}
    for message in messages:
        if message["deleted_at"] is None:
            by_chat.setdefault(message["chat_id"], []).append(message)
    for chat in chats:
        if chat["deleted_at"] is None:
            records = render_all(Collection.CHATS, [chat])
            records += render_all(Collection.MESSAGES, by_chat.get(chat["id"], ()))
            is_new = since < chat["created_at"] <= chat["changed_at"] <= until or chat["id"] in created
            complete = {chat["id"]: chat["changed_at"]} if is_new else {}
            units.append(Unit(records, complete, chat["id"]))
    alive = [row for row in settings if row["deleted_at"] is None]
    if alive:
        units.append(Unit(render_all(Collection.SETTINGS_AND_MEMORIES, alive)))
    return units


def owned_by(row: Mapping[str, Any], hashed_user_id: str) -> bool:
    """Whether a row is the user's own."""
    return hmac.compare_digest(str(row.get("hashed_user_id")).encode(), hashed_user_id.encode())
