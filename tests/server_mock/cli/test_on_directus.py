"""A server as a process of its own on a Directus, with the least that its token needs: accounts, sessions, limits.

With DIRECTUS_URL and an administrator's DIRECTUS_TOKEN set, that Directus is a real one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from server_mock.directus.client import DirectusClient, DirectusConflict, DirectusTooLarge
from server_mock.protocol.accounts import hash_email
from server_mock.protocol.api import COOKIE
from tests.server_mock.accounts import make_account
from tests.server_mock.cli.conftest import administrator
from tests.server_mock.cli.test_killed import visit
from tests.server_mock.cli.test_run import running, sign_in

ACCOUNT = {"lookup_hashes": [], "salt": "", "iterations": 1, "wrapped_master_key": "", "created_at": 1}
QUICK = ("--lease-s", "1", "--sign-up", "open")


@asynccontextmanager
async def a_browser(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=30) as http:
        yield http


async def test_of_two_accounts_of_one_address_that_are_made_at_once_one_is_there(
    directus_process: dict[str, str],
) -> None:
    email = f"{uuid4().hex}@hearth.example"
    made = [await make_account() for _ in range(2)]
    with running(*QUICK, **directus_process) as (url, _process):
        async with a_browser(url) as http:
            requests = [http.post("/api/sign-up", json={"email": email, **each.request}) for each in made]
            answers = await asyncio.gather(*requests)
            # One server works on one account of an address at a time, and says so.
            assert sorted(each.status_code for each in answers) in ([201, 409], [201, 429])
            winner, loser = made if answers[0].status_code == 201 else reversed(made)
            again = await http.post("/api/sign-up", json={"email": email, **loser.request})
            assert again.status_code == 409
            body = {"email": email, "lookup_hash": winner.credentials.lookup_hash}
            assert (await http.post("/api/sign-in", json=body)).status_code == 200
            proof = {"account": winner.id, "proof": winner.credentials.lookup_hash}
            assert (await http.post("/api/account/delete", json=proof)).status_code == 204
            assert (await http.post("/api/sign-up", json={"email": email, **made[0].request})).status_code == 201
    async with client_of(administrator(directus_process)) as client:
        rows = await client.search("users", filter={"hashed_email": {"_eq": hash_email(email)}})
        assert [row["id"] for row in rows] == [made[0].id]
        await client.delete("users", rows[0]["id"])


async def test_directus_itself_takes_one_row_of_an_address(directus_process: dict[str, str]) -> None:
    """Whatever asks for it: two servers, or two commands, at once."""
    hashed = uuid4().hex
    rows = [{"id": str(uuid4()), "hashed_email": hashed, **ACCOUNT} for _ in range(2)]
    async with client_of(directus_process) as one, client_of(directus_process) as two:
        made = await asyncio.gather(
            *(each.create("users", [row]) for each, row in zip((one, two), rows, strict=True)), return_exceptions=True
        )
        assert sum(isinstance(each, DirectusConflict) for each in made) == 1
        assert sum(each is None for each in made) == 1
        await one.delete_many("users", [str(row["id"]) for row in rows])


def test_a_session_and_its_end_outlive_the_server(directus_process: dict[str, str]) -> None:
    demo = ("--demo", "--chats", "2", "--messages", "2")
    cookies = []
    with running(*QUICK, *demo, **directus_process) as (url, process):
        for _ in range(2):
            with httpx.Client(base_url=url) as http:
                sign_in(http)
                cookies.append({"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"})
        assert httpx.post(f"{url}/api/sign-out", json={}, headers=cookies[0]).status_code == 204
        process.kill()
        process.wait()
    with running(*QUICK, *demo, **directus_process) as (url, process):
        codes = [httpx.get(f"{url}/api/session", headers=cookie).status_code for cookie in cookies]
        assert codes == [401, 204]
        process.terminate()
        assert process.wait(15) == 0


@pytest.mark.parametrize("directus_process", [100], indirect=True)
async def test_a_warming_brings_everything_whatever_directus_gives_at_once(directus_process: dict[str, str]) -> None:
    """The stand-in gives 100 rows at once; a real one what its QUERY_LIMIT_MAX says."""
    with running(*QUICK, "--demo", "--chats", "30", "--messages", "20", **directus_process) as (url, process):
        with httpx.Client(base_url=url) as http:
            account, session = sign_in(http)["account"], http.cookies[COOKIE]
        frames = await asyncio.to_thread(visit, url, session, account, "warming_complete")
        process.terminate()
        await asyncio.to_thread(process.wait, 15)
    records = [(name, row["id"]) for each in frames for name, rows in each.get("records", {}).items() for row in rows]
    assert len(set(records)) == sum(frames[-1]["sent"].values())
    async with client_of(administrator(directus_process)) as client:
        await client.learn_query_limit()
        (user,) = await client.search("users", filter={"id": {"_eq": account}}, fields=("id",))
        chats = {row_id for name, row_id in records if name == "chats"}
        held = {"chat_id": {"_in": sorted(chats)}}
        stored = {row["id"] for row in await client.search("messages", filter=held, fields=("id",))}
    assert user["id"] == account
    assert {row_id for name, row_id in records if name == "messages"} == stored


async def test_what_is_too_long_for_directus_is_told_apart(directus_process: dict[str, str]) -> None:
    async with client_of(directus_process) as client:
        with pytest.raises(DirectusTooLarge):
            await client.create("chats", [{"id": str(uuid4()), "title": "x" * 1_100_000}])


def client_of(environment: dict[str, str]) -> DirectusClient:
    return DirectusClient(environment["DIRECTUS_URL"], environment["DIRECTUS_TOKEN"])
