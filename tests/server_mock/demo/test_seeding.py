"""Demo data is brought to a disk in portions, and completed where that broke off."""

from __future__ import annotations

from server_mock.demo import accounts
from server_mock.demo.accounts import Plan
from server_mock.demo.seeding import ensure_account, gathered
from server_mock.directus.client import DirectusClient
from server_mock.directus_standin.app import StandIn
from tests.server_mock.demo.made import NOON_MS, made
from tests.server_mock.world import TOKEN


async def test_an_account_is_made_once_and_an_interrupted_one_completed() -> None:
    standin = StandIn(TOKEN)
    plan = Plan(accounts.EMAIL, accounts.PASSWORD, 1, 4, 3, NOON_MS, iterations=1)
    expected = {name: len(rows) for name, rows in made(chats=4, messages=3).items() if name != "migrations"}
    # What a start that was interrupted has left behind: some rows, but no user.
    left = made(chats=4, messages=3)
    standin.seed("chats", left["chats"][:2])
    standin.seed("messages", left["messages"][:5])
    async with DirectusClient("http://directus", TOKEN, app=standin) as client:
        assert await ensure_account(client, standin, plan)
        assert {name: standin.count(name) for name in expected} == expected
        assert not await ensure_account(client, standin, plan)
        assert {name: standin.count(name) for name in expected} == expected
    standin.close()


async def test_a_real_directus_is_filled_by_requests_of_bounded_size() -> None:
    standin = StandIn(TOKEN)
    plan = Plan(accounts.EMAIL, accounts.PASSWORD, 1, 40, 40, NOON_MS, iterations=1)
    async with DirectusClient("http://directus", TOKEN, app=standin) as client:
        assert await ensure_account(client, None, plan)
        posts = [entry for entry in client.log.entries() if entry["method"] == "POST"]
    assert len(posts) > 4
    assert posts[-1]["collection"] == "users"
    assert standin.count("messages") == len(made(chats=40)["messages"])
    standin.close()


def test_rows_are_gathered_into_portions() -> None:
    rows = [("chats", [{"n": 1}]), ("users", [{"n": 5}]), ("messages", [{"n": 2}] * 5), ("chats", [{"n": 1}])]
    portions = [(name, len(each)) for name, each in gathered(iter(rows), 4, lambda row: int(row["n"]))]
    assert portions == [("messages", 2), ("messages", 2), ("chats", 2), ("messages", 1), ("users", 1)]
