"""Runs the migrations on a Directus, real or embedded; each step is looked for first, so that it can be repeated.

It takes a token that may change collections: an administrator's. Two runs at the same time do not harm each other: what
one of them is refused is looked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import assert_never
from urllib.parse import quote

from server_mock.directus.client import DirectusClient, DirectusConflict, DirectusError, DirectusRefused
from server_mock.directus.migrations import (
    COLLECTION,
    MIGRATIONS,
    NEWEST,
    AddFields,
    MakeCollections,
    MakeUnique,
    Migration,
    Step,
    done_row,
)
from server_mock.directus.request import Call
from server_mock.directus.schema import COLLECTIONS, PRIMARY_KEY, Field, Fields, creation_body, field_body

WAITS_S = (0.1, 0.4, 1.5)
"""How long a change that was refused may take to be there all the same: another run may be making it."""

FOREIGN = (
    'Directus has a collection "{name}" already, but not with the fields that Hearth needs: see --collection-prefix.'
)

Sleep = Callable[[float], Awaitable[object]]


class CannotMigrate(Exception):
    """The data does not let a migration be done; the text is a sentence that says why."""


async def schema_number(client: DirectusClient) -> int:
    """The newest migration that is done; 0 where there is none, or where the token may not read it.

    Raises ``DirectusError``.
    """
    try:
        rows = await client.search(COLLECTION, sort=("-number",), limit=1, fields=("number",))
    except DirectusRefused as error:
        if error.status == 403:
            return 0
        raise
    return int(rows[0]["number"]) if rows else 0


async def migrate(client: DirectusClient, now_ms: int, sleep: Sleep = asyncio.sleep) -> AsyncIterator[Migration]:
    """Do every migration that is not done, in order, and yield each once it is.

    Raises ``CannotMigrate`` and ``DirectusError``.
    """
    run = _Run(client, sleep)
    await run.make(COLLECTION)
    done = await schema_number(client)
    for migration in MIGRATIONS:
        if migration.number > done:
            for step in migration.steps:
                await run.take(step)
            try:
                await client.create(COLLECTION, [done_row(migration.number, now_ms)])
            except DirectusConflict:
                continue  # another run was faster
            yield migration


def is_newer(number: int) -> bool:
    """Whether a schema is one of a later version than this one."""
    return number > NEWEST


class _Run:
    """The steps, on one Directus."""

    def __init__(self, client: DirectusClient, sleep: Sleep) -> None:
        self._client = client
        self._sleep = sleep

    async def take(self, step: Step) -> None:
        match step:
            case MakeCollections():
                for name in step.names:
                    await self.make(name)
            case AddFields():
                await self._add_fields(step.collection, step.names)
            case MakeUnique():
                await self._make_unique(step)
            case _:
                assert_never(step)

    async def make(self, name: str) -> None:
        fields = COLLECTIONS[name]
        if await self._has_fields(name, fields):
            return
        if not await self._exists(name):
            body = creation_body(self._client.named(name), fields)
            call = Call("POST", "/collections", name, {"fields": sorted(fields)}, body)
            await self._change(call, lambda: self._has_fields(name, fields))
            return
        await self._add_fields(name, fields)

    async def _add_fields(self, collection: str, names: Sequence[str] | Fields) -> None:
        """Add the fields that are missing; only what may be null can be added to rows that are there."""
        wanted = {name: COLLECTIONS[collection][name] for name in names}
        missing = {name: each for name, each in wanted.items() if not await self._has_fields(collection, {name: each})}
        if not all(each.nullable for each in missing.values()):
            raise CannotMigrate(FOREIGN.format(name=self._client.named(collection)))
        for name, each in missing.items():
            await self._add_field(collection, name, each)

    async def _add_field(self, collection: str, name: str, field: Field) -> None:
        path = f"/fields/{quote(self._client.named(collection))}"
        call = Call("POST", path, collection, {"fields": [name]}, field_body(name, field))
        await self._change(call, lambda: self._has_fields(collection, {name: field}))

    async def _make_unique(self, step: MakeUnique) -> None:
        path = f"/fields/{quote(self._client.named(step.collection))}/{step.field}"
        query = {"fields": [step.field]}

        async def is_unique() -> bool:
            found = await self._client.ask(Call("GET", path, step.collection, query))
            return bool(found[0]["schema"]["is_unique"])

        if await is_unique():
            return
        await self._check_unique(step)
        field = COLLECTIONS[step.collection][step.field]
        call = Call("PATCH", path, step.collection, query, field_body(step.field, field))
        await self._change(call, is_unique)

    async def _check_unique(self, step: MakeUnique) -> None:
        rows = await self._client.search(step.collection, fields=(PRIMARY_KEY, step.field), sort=(PRIMARY_KEY,))
        seen: dict[object, str] = {}
        for row in rows:
            first = seen.setdefault(row[step.field], row[PRIMARY_KEY])
            if first != row[PRIMARY_KEY]:
                raise CannotMigrate(step.conflict.format(first=first, second=row[PRIMARY_KEY]))

    async def _change(self, call: Call, is_done: Callable[[], Awaitable[bool]]) -> None:
        """Ask for a change of the collections; one that was made meanwhile, or whose answer was lost, is made."""
        try:
            await self._client.ask(call)
        except DirectusError:
            for wait_s in WAITS_S:
                if await is_done():
                    return
                await self._sleep(wait_s)
            if not await is_done():
                raise

    async def _has_fields(self, collection: str, fields: Fields) -> bool:
        try:
            await self._client.search(collection, limit=0, fields=sorted(fields))
        except DirectusRefused as error:
            if error.status == 403:
                return False
            raise
        return True

    async def _exists(self, collection: str) -> bool:
        path = f"/collections/{quote(self._client.named(collection))}"
        try:
            await self._client.ask(Call("GET", path, collection, {}))
        except DirectusRefused as error:
            if error.status == 403:
                return False
            raise
        return True
