"""The control routes: what they tell, and what they refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from hearth.core.protocol.server_events import Changes, ErrorCode, ServerError, SessionEnd, WarmingComplete
from hearth.core.records.schema import Collection
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD, Plan
from server_mock.demo.seeding import replace_account
from server_mock.protocol.api import DemoAccount
from server_mock.protocol.services import Clocks
from server_mock.testing.control import Control, NewAccount, Tools
from tests.server_mock.world import EMAIL, PASSWORD, Refused, World, a_world, warm

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=4)
        await world.seed(chats=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
        yield world


async def test_the_log_is_an_array_of_requests(world: World) -> None:
    await warm(world)
    log = (await world.http.get("/control/directus-log")).json()
    assert [entry["n"] for entry in log] == [1, 2, 3, 4, 5]
    for entry in log:
        assert {"n", "method", "collection", "query", "started_ms", "finished_ms", "rows", "bytes"} <= entry.keys()
        assert entry["bytes"] > entry["rows"]
        assert entry["started_ms"] <= entry["finished_ms"]


async def test_what_stands_for_another_device_is_not_logged(world: World) -> None:
    await warm(world)
    await world.control("reset", {})
    await world.change(add_message={"text": "x"}, delete_chat=None, set_last_opened={"chat_id": None})
    await world.account()
    assert world.log() == []


async def test_reset_forgets_the_log_and_what_was_warmed_but_not_what_is_new(world: World) -> None:
    device = await warm(world)
    await device.disconnect()
    await world.change(rename_chat={"title": "renamed"})
    await world.control("reset", {})
    assert world.log() == []
    assert world.services.warmings.find(device.account) is None
    await device.connect()
    assert isinstance(await device.take(), Changes)
    other = await world.sign_in()
    await other.connect()
    await other.take_until(WarmingComplete)
    assert len(world.log()) == 5


async def test_the_accounts_are_described(world: World) -> None:
    accounts = (await world.http.get("/control/accounts")).json()
    assert [(each["email"], each["password"]) for each in accounts] == [
        (EMAIL, PASSWORD),
        (GUEST_EMAIL, GUEST_PASSWORD),
    ]
    device = await warm(world)
    chats = accounts[0]["chats"]
    assert [chat["id"] for chat in chats] == [
        row["id"] for row in sorted(device.records(CHATS).values(), key=lambda row: -row["last_updated"])
    ]
    assert sorted(chat["title"] for chat in chats) == sorted(
        each["texts"]["title"] or ""
        for each in device.keyring.open_records_now(CHATS, list(device.records(CHATS).values()))
    )
    for chat in chats:
        assert len(chat["messages"]) == chat["message_count"]
        assert set(chat["messages"]) == {
            row["id"] for row in device.records(MESSAGES).values() if row["chat_id"] == chat["id"]
        }
    assert accounts[0]["last_opened"] == chats[3]["id"]


BAD: list[Mapping[str, Any]] = [
    {},
    {"email": EMAIL},
    {"email": 5, "delete_chat": None},
    {"email": "nobody@hearth.example", "delete_chat": None},
    {"device_id": 5, "delete_chat": None},
    {"no_such_change": {}},
    {"add_message": "text"},
    {"add_message": {}},
    {"add_message": {"text": 5}},
    {"add_message": {"text": "x", "role": "owner"}},
    {"add_message": {"text": "x", "chat_id": "no-such-chat"}},
    {"add_message": {"text": "x", "chat_id": 5}},
    {"rename_chat": {"chat_id": "00000000-0000-4000-8000-000000000000", "title": "x"}},
    {"rename_chat": {"title": "x" * 1_000_001}},
    {"add_chat": {"title": "x", "messages": "y"}},
    {"add_chat": {"title": "x", "messages": [1]}},
    {"set_draft": {"text": 5}},
    {"pin_chat": {"pinned": "yes"}},
    {"delete_message": {}},
    {"delete_message": {"message_id": "no-such-message"}},
    {"add_message": {"text": "x", "role": "draft"}},
    {"set_setting": {"app": "Mail", "name": "x"}},
    {"set_setting": {"app": "Mail", "name": "x", "value": "y", "kind": "wish"}},
    {"delete_setting": {"app": "Mail", "name": "no such"}},
    {"delete_setting": {"app": "no such", "name": "Signature"}},
    {"set_last_opened": {"chat_id": 5}},
    {"delete_chat": 5},
]


async def test_bad_json_is_refused(world: World) -> None:
    for path in ("changes", "faults"):
        response = await world.http.post(f"/control/{path}", content=b"{", headers={"Content-Type": "application/json"})
        assert response.status_code == 400


async def test_who_looks_in_from_another_site_is_refused(world: World) -> None:
    foreign = {"Origin": "http://evil.example"}
    assert (await world.http.get("/control/accounts", headers=foreign)).status_code == 403
    assert (await world.http.post("/control/changes", json={}, headers=foreign)).status_code == 403


@pytest.mark.parametrize("end", SessionEnd)
async def test_sessions_end_as_if_from_elsewhere(world: World, end: SessionEnd) -> None:
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    assert await world.change(end_sessions=end.value) == {}
    error = await device.take()
    assert isinstance(error, ServerError)
    assert (error.code, error.reason) == (ErrorCode.SESSION, end)
    assert await device.socket.closed() == 4401
    answer = await device.http.get("/api/session")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, end.value)
    with pytest.raises(Refused):
        await device.connect()


@pytest.mark.parametrize("end", ["", "over", None, {"end": "revoked"}, 5])
async def test_an_end_of_sessions_that_there_is_none_of(world: World, end: object) -> None:
    response = await world.http.post("/control/changes", json={"end_sessions": end})
    assert response.status_code == 400


async def test_the_clock_moves_forwards_only_and_not_without_end(world: World) -> None:
    tools = Tools()
    clocks = Clocks(tools.clock.wall_s, tools.clock.monotonic_s)
    before, counted = clocks.now_ms(), clocks.monotonic_s()
    tools.clock.advance(3600)
    assert clocks.now_ms() - before >= 3_600_000
    assert clocks.monotonic_s() - counted >= 3600
    for body in ({}, {"advance_s": -1}, {"advance_s": "1"}, {"advance_s": 10**12}):
        assert (await world.http.post("/control/clock", json=body)).status_code == 400


async def test_an_account_is_made_in_the_place_of_one_of_its_address() -> None:
    async with a_world() as world:
        await world.seed(chats=1)

        async def make(new: NewAccount) -> None:
            plan = Plan(new.account.email, new.account.password, new.seed, new.chats, new.messages, 0, iterations=1)
            await replace_account(world.direct, world.standin, plan)

        control = Control(
            world.services, world.direct, world.faults, [DemoAccount(EMAIL, PASSWORD)], Tools(make_account=make)
        )
        transport = httpx.ASGITransport(app=Starlette(routes=control.routes()))
        async with httpx.AsyncClient(base_url="http://hearth.test", transport=transport) as http:
            plan = {"email": "made@hearth.example", "chats": 3, "messages": 2, "seed": 5}
            made = (await http.post("/control/accounts", json=plan)).json()
            assert [each["email"] for each in (await http.get("/control/accounts")).json()] == [EMAIL, plan["email"]]
            device = await world.sign_in(made["email"], made["password"])
            await http.post("/control/changes", json={"email": made["email"], "rename_chat": {"title": "another"}})
            again = (await http.post("/control/accounts", json=plan)).json()
            assert again == made, "the same plan makes the same account, whatever became of the last one"
            assert (await device.http.get("/api/session")).json()["error"]["code"] == "revoked"
            fewer = (await http.post("/control/accounts", json={**plan, "chats": 1})).json()
            assert (fewer["account"], len(fewer["chats"])) == (made["account"], 1)
            for wrong in ({"chats": 10**6}, {"messages": -1}, {"seed": None}, {"email": ""}):
                assert (await http.post("/control/accounts", json={**plan, **wrong})).status_code == 400


async def test_a_server_that_makes_no_accounts_says_so(world: World) -> None:
    plan = {"email": "made@hearth.example", "chats": 3, "messages": 2, "seed": 5}
    assert (await world.http.post("/control/accounts", json=plan)).status_code == 404
