"""The policy for the server's token: everything that the server does goes with it, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from operator import itemgetter

import pytest

from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusClient, DirectusRefused
from server_mock.directus.migrating import migrate, schema_number
from server_mock.directus.migrations import NEWEST
from server_mock.directus.permissions import ACCOUNTS, SERVER, Grants
from server_mock.directus.schema import COLLECTIONS
from server_mock.directus_standin.app import StandIn
from server_mock.directus_standin.dialect import ACTIONS, Answer, Dialect, Request
from server_mock.protocol import account_deletion
from server_mock.protocol.invites import invite_row, new_code
from server_mock.protocol.lease import Lease
from server_mock.protocol.purging import INVITES_MS, TOMBSTONES_MS
from server_mock.protocol.server_secret import ROW_ID, kept_secret
from server_mock.protocol.sign_up import SignUp
from tests.server_mock.accounts import a_person, with_policy
from tests.server_mock.world import TOKEN, FakeTime, World
from tests.server_mock.writing import Pen, a_device

ADMIN = "an-administrators-token"
CHATS, MESSAGES, _ENTRIES = Collection


async def a_limited_world(grants: Grants) -> AsyncIterator[World]:
    standin = StandIn(ADMIN, grants={TOKEN: grants})
    world = World(standin, FakeTime())
    world.start()
    yield world
    await world.stop()
    standin.close()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async for world in a_limited_world(SERVER):
        yield world


def test_every_collection_has_a_row() -> None:
    assert SERVER.keys() == ACCOUNTS.keys() == COLLECTIONS.keys()


def noted(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """What is asked of each collection from now on."""
    found: dict[str, set[str]] = {}
    answer = Dialect.answer

    def noting(dialect: Dialect, request: Request) -> Answer:
        if request.segments[0] == "items":
            found.setdefault(request.segments[1], set()).add(ACTIONS[request.method])
        return answer(dialect, request)

    monkeypatch.setattr(Dialect, "answer", noting)
    return found


async def test_the_whole_life_of_an_account_takes_what_the_policy_allows_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = noted(world, monkeypatch)
    code = new_code()
    world.standin.seed("invites", [invite_row(code, world.services.clocks.now_ms())])
    assert await schema_number(world.direct) == NEWEST
    for _ in range(2):
        async with Lease(world.direct) as lease:
            await lease.renew()
    await kept_secret(world.direct, b"0" * 32)
    with_policy(world, SignUp.INVITE)
    person = await a_person(world, "somebody@hearth.example", invite=code)
    assert (await person.sign_up()).status_code == 201
    assert (await person.sign_in()).status_code == 200
    await world.seed()
    pen = Pen(await a_device(world, "device"))
    await pen.write(pen.say())
    chat, _key = pen.new_chat()
    await pen.write({CHATS: [chat]})
    await pen.write({CHATS: [pen.tombstone(CHATS, min(pen.device.records(CHATS).values(), key=itemgetter("id")))]})
    await person.http.post("/api/sign-out", json={})
    await world.restart()
    world.time.now_s += (TOMBSTONES_MS + INVITES_MS) / 1000
    await world.services.purge.purge()
    await world.services.sessions.written()
    for row in await world.direct.search("users"):
        await account_deletion.close_account(world.direct, row, 1)
    await account_deletion.finish_deletions(world.direct, world.services.sessions)
    assert await world.direct.search("users") == []
    assert not [each for each in caplog.records if each.levelname == "WARNING"], caplog.text
    assert asked == {name: set(actions) for name, actions in SERVER.items()}


async def test_what_the_policy_does_not_allow_is_refused(world: World) -> None:
    with pytest.raises(DirectusRefused):
        await world.direct.create("invites", [invite_row(new_code(), 1)])
    await kept_secret(world.direct, b"0" * 32)
    with pytest.raises(DirectusRefused):
        await world.direct.delete("secrets", ROW_ID)
    administrator = DirectusClient("http://directus", ADMIN, app=world.standin)
    world.standin.drop("secrets")
    await administrator.delete_many("migrations", [row["id"] for row in await administrator.search("migrations")])
    with pytest.raises(DirectusRefused):
        [each async for each in migrate(world.direct, 1, lambda _s: _nothing())]
    assert [each.number async for each in migrate(administrator, 1)][-1] == NEWEST


async def _nothing() -> None:
    pass


async def test_the_command_about_accounts_may_make_invites() -> None:
    async for world in a_limited_world(ACCOUNTS):
        await world.direct.create("invites", [invite_row(new_code(), 1)])


async def test_a_token_that_may_not_delete_starts_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    """Otherwise one deletion of an account would keep the server from ever starting again."""
    async for world in a_limited_world({name: actions - {"delete"} for name, actions in SERVER.items()}):
        await world.seed()
        (row,) = await world.direct.search("users")
        await account_deletion.close_account(world.direct, row, 1)
        await world.restart()
        assert "stays closed" in caplog.text
        assert await world.direct.search("users", fields=("lookup_hashes",)) == [{"lookup_hashes": []}]


NOBODY = "00000000-0000-4000-8000-000000000001"


async def test_rows_that_are_not_there_are_told_from_what_is_forbidden(world: World) -> None:
    """Directus answers both with 403 to who is no administrator."""
    client = world.direct
    assert not await client.update("users", NOBODY, {"salt": "x"})
    await client.delete("users", NOBODY)
    await world.seed()
    ids = [row["id"] for row in await client.search("messages")]
    await client.delete_many("messages", [*ids[:2], NOBODY])
    assert [row["id"] for row in await client.search("messages")] == ids[2:]
    await client.delete_many("messages", [NOBODY])
    with pytest.raises(DirectusRefused):
        await client.update("migrations", (await client.search("migrations"))[0]["id"], {"number": 9})


async def test_a_session_that_somebody_deleted_at_directus_is_written_anew_and_holds_up_no_other(world: World) -> None:
    await world.seed()
    devices = [await world.sign_in() for _ in range(3)]
    first, *_others = await world.direct.search("sessions", sort=("id",))
    await world.direct.delete("sessions", first["id"])
    for device in devices:
        await device.http.post("/api/sign-out", json={})
    assert await world.services.sessions.written()
    rows = await world.direct.search("sessions", sort=("id",))
    assert [row["revoked"] for row in rows] == [True, True, True]
