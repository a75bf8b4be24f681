"""Migrations on a Directus: from nothing and from an older schema, killed at every request, twice at once, refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from server_mock.directus.client import DirectusClient, DirectusError, DirectusRefused
from server_mock.directus.migrating import CannotMigrate, migrate, schema_number
from server_mock.directus.migrations import MIGRATIONS, NEWEST
from server_mock.directus.schema import COLLECTIONS, Field, Fields, FieldType, Row, creation_body
from server_mock.directus_standin.app import StandIn
from tests.server_mock.directus.first_schema import FIRST_SCHEMA
from tests.server_mock.directus_probe import row_id
from tests.server_mock.world import no_sleep

TOKEN = "an-administrators-token"
ALL = list(range(1, NEWEST + 1))
WHOLE = {
    name: {each: replace(field, indexed=field.indexed and not field.unique) for each, field in fields.items()}
    for name, fields in COLLECTIONS.items()
}
"""Every collection as it is made: what is unique needs no other index."""


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """A Directus without any collection."""
    standin = StandIn(TOKEN, empty=True)
    yield standin
    standin.close()


class Dying(httpx.AsyncBaseTransport):
    """Passes on `left` requests; with the next one the process dies, before or after it was done."""

    def __init__(self, standin: StandIn, left: int = 1_000, *, after: bool = False) -> None:
        self._inner = httpx.ASGITransport(app=standin)
        self._left = left
        self._after = after
        self.count = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        if self.count > self._left:
            if self._after and self.count == self._left + 1:
                await self._inner.handle_async_request(request)
            raise Died
        return await self._inner.handle_async_request(request)


class Died(BaseException):
    """The process is dead: nothing of it runs any more."""


def a_client(standin: StandIn, transport: httpx.AsyncBaseTransport | None = None, prefix: str = "") -> DirectusClient:
    transport = transport or httpx.ASGITransport(app=standin)
    return DirectusClient("http://directus", TOKEN, transport=transport, prefix=prefix)


async def migrated(client: DirectusClient) -> list[int]:
    return [each.number async for each in migrate(client, 7, no_sleep)]


async def make(standin: StandIn, collections: Mapping[str, Fields], prefix: str = "") -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=standin), base_url="http://directus") as http:
        for name, fields in collections.items():
            body = creation_body(f"{prefix}{name}", fields)
            answer = await http.post("/collections", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
            assert answer.status_code == 200, answer.text


def schema(standin: StandIn, prefix: str = "") -> dict[str, Fields]:
    return {name: standin.fields(f"{prefix}{name}") for name in COLLECTIONS}


def account(number: int, hashed_email: str) -> Row:
    return {
        "id": row_id(number),
        "hashed_email": hashed_email,
        "lookup_hashes": [],
        "salt": "",
        "iterations": 1,
        "wrapped_master_key": "",
        "created_at": number,
    }


@pytest.mark.parametrize("prefix", ["", "hearth_"])
async def test_a_directus_without_collections_gets_them_all(standin: StandIn, prefix: str) -> None:
    client = a_client(standin, prefix=prefix)
    assert await schema_number(client) == 0
    assert await migrated(client) == ALL
    assert await schema_number(client) == NEWEST
    assert schema(standin, prefix) == WHOLE
    assert await migrated(client) == []


async def test_a_new_data_file_needs_none(tmp_path: Any) -> None:
    made = StandIn(TOKEN, data_file=tmp_path / "hearth.db")
    assert await schema_number(a_client(made)) == NEWEST
    assert await migrated(a_client(made)) == []
    assert schema(made) == COLLECTIONS
    made.close()


@pytest.mark.parametrize("prefix", ["", "hearth_"])
async def test_an_older_directus_keeps_its_rows_and_gets_what_it_lacks(standin: StandIn, prefix: str) -> None:
    await make(standin, FIRST_SCHEMA, prefix)
    rows = [account(1, "a"), account(2, "b")]
    standin.seed(f"{prefix}users", rows)
    client = a_client(standin, prefix=prefix)
    assert await migrated(client) == ALL
    assert {name: set(fields) for name, fields in schema(standin, prefix).items()} == {
        name: set(fields) for name, fields in COLLECTIONS.items()
    }
    assert standin.fields(f"{prefix}users")["hashed_email"].unique
    found = await client.search("users", sort=("id",))
    assert [{name: each[name] for name in rows[0]} for each in found] == rows


async def test_one_from_before_there_were_sessions_and_ways(standin: StandIn) -> None:
    users = {name: each for name, each in FIRST_SCHEMA["users"].items() if name not in ("ways", "ending", "deleting")}
    await make(standin, {**FIRST_SCHEMA, "users": users})
    for name in ("sessions", "invites"):
        standin.drop(name)
    assert await migrated(a_client(standin)) == ALL
    assert {name: set(fields) for name, fields in schema(standin).items()} == {
        name: set(fields) for name, fields in COLLECTIONS.items()
    }


async def test_a_second_account_of_one_address_is_refused_afterwards(standin: StandIn) -> None:
    await make(standin, FIRST_SCHEMA)
    standin.seed("users", [account(1, "a")])
    client = a_client(standin)
    await migrated(client)
    with pytest.raises(DirectusError, match="RECORD_NOT_UNIQUE"):
        await client.create("users", [account(2, "a")])


async def test_two_accounts_of_one_address_are_named_and_the_next_run_goes_on(standin: StandIn) -> None:
    await make(standin, FIRST_SCHEMA)
    standin.seed("users", [account(1, "a"), account(2, "b"), account(3, "a")])
    client = a_client(standin)
    with pytest.raises(CannotMigrate) as refused:
        await migrated(client)
    assert row_id(1) in str(refused.value)
    assert row_id(3) in str(refused.value)
    assert await schema_number(client) == 1
    await client.delete("users", row_id(3))
    assert await migrated(client) == ALL[1:]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("older", [False, True])
async def test_killed_at_every_request_and_run_again(older: bool, after: bool) -> None:
    counted = StandIn(TOKEN, empty=True)
    await make(counted, FIRST_SCHEMA if older else {})
    whole = Dying(counted)
    await migrated(a_client(counted, whole))
    wanted = schema(counted)
    counted.close()
    for left in range(whole.count):
        standin = StandIn(TOKEN, empty=True)
        await make(standin, FIRST_SCHEMA if older else {})
        with pytest.raises(Died):
            await migrated(a_client(standin, Dying(standin, left, after=after)))
        client = a_client(standin)
        await migrated(client)
        assert schema(standin) == wanted
        assert [row["number"] for row in await client.search("migrations", sort=("number",))] == ALL
        standin.close()
    assert whole.count > len(MIGRATIONS)


async def test_many_runs_at_once_end_with_one_schema(standin: StandIn) -> None:
    runs = await asyncio.gather(*(migrated(a_client(standin)) for _ in range(5)))
    assert sorted(number for run in runs for number in run) == ALL
    assert schema(standin) == WHOLE


async def test_a_collection_of_somebody_elses_is_left_alone(standin: StandIn) -> None:
    fields = {"id": Field(FieldType.UUID), "note": Field(FieldType.TEXT, nullable=True)}
    await make(standin, {"chats": fields})
    with pytest.raises(CannotMigrate, match=r'"chats".*--collection-prefix'):
        await migrated(a_client(standin))
    assert standin.fields("chats") == fields
    assert await migrated(a_client(standin, prefix="hearth_")) == ALL


async def test_what_directus_refuses_is_told(standin: StandIn) -> None:
    wrong = DirectusClient("http://directus", "another", app=standin)
    with pytest.raises(DirectusRefused, match="DIRECTUS_TOKEN"):
        await migrated(wrong)
    with pytest.raises(DirectusRefused):
        await schema_number(wrong)
