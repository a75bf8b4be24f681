"""Puts a demo account onto the disk, once: what is there already is left as it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator

from server_mock.demo.accounts import DemoAccountMaker, Plan
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.account_deletion import close_account, remove_account
from server_mock.protocol.accounts import hash_email
from server_mock.protocol.ways import sha256_hex

BODY_CHARS = 700_000
"""Rows of one POST, as JSON: Directus takes a body of 1 MB."""

SEED_ROWS = 5_000
"""Rows of one insertion into the stand-in."""


async def ensure_account(client: DirectusClient, standin: StandIn | None, plan: Plan) -> bool:
    """Make the account of a plan unless there is one of its address; say whether it was made.

    The stand-in is filled directly, a real Directus by requests. What an interrupted try has left behind
    is kept and completed: the same seed makes the same rows. Raises `DirectusError`.
    """
    found = {"hashed_email": {"_eq": hash_email(plan.email)}}
    if await client.search("users", filter=found, fields=("id",), limit=1):
        return False
    maker = await asyncio.to_thread(DemoAccountMaker, plan)
    there = await _ids_there(client, sha256_hex(maker.user["id"]))
    rows = ((name, [row for row in each if row["id"] not in there]) for name, each in maker.rows())
    if standin is not None:
        await asyncio.to_thread(_fill, standin, rows)
    else:
        for name, each in gathered(rows, min(BODY_CHARS, client.max_payload or BODY_CHARS), _chars):
            await client.create(name, each)
    return True


async def replace_account(client: DirectusClient, standin: StandIn | None, plan: Plan) -> None:
    """Make the account of a plan anew: what there is of that address is deleted first. Raises `DirectusError`."""
    for row in await client.search("users", filter={"hashed_email": {"_eq": hash_email(plan.email)}}):
        await close_account(client, row, plan.now_ms)
        await remove_account(client, row["id"])
    await ensure_account(client, standin, plan)


def gathered(
    rows: Iterable[tuple[str, list[Row]]], limit: int, size: Callable[[Row], int]
) -> Iterator[tuple[str, list[Row]]]:
    """The same rows in as few portions as `limit` allows, each of one collection; `users` come last."""
    portions: dict[str, list[Row]] = {}
    sizes: dict[str, int] = {}
    for name, each in rows:
        for row in each:
            if portions.get(name) and sizes[name] + size(row) > limit:
                yield name, portions.pop(name)
            if name not in portions:
                portions[name], sizes[name] = [], 0
            portions[name].append(row)
            sizes[name] += size(row)
    yield from sorted(portions.items(), key=lambda portion: portion[0] == "users")


def _fill(standin: StandIn, rows: Iterable[tuple[str, list[Row]]]) -> None:
    for name, each in gathered(rows, SEED_ROWS, lambda _row: 1):
        standin.seed(name, each)


async def _ids_there(client: DirectusClient, hashed_user_id: str) -> set[str]:
    """The ids of rows that the account has although it is not whole."""
    mine = {"hashed_user_id": {"_eq": hashed_user_id}}
    ids: set[str] = set()
    for collection in ("chats", "messages", "settings_and_memories"):
        ids.update(row["id"] for row in await client.search(collection, filter=mine, fields=("id",)))
    return ids


def _chars(row: Row) -> int:
    return len(json.dumps(row)) + 1
