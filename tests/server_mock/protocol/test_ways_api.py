"""Ways in, over HTTP: what proves, what a change ends, and what holds when the server dies at any moment."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator

import httpx
import pytest

from hearth.core.protocol.server_events import ErrorCode, ServerError, SessionEnd, WarmingComplete
from hearth.core.records.envelope import PBKDF2_ITERATIONS, WrappedKey, join_wrapped
from hearth.core.records.ways import MAX_WAYS, TYPED, WayKind
from hearth.engine.ways.new_way import new_recovery_key
from server_mock.directus.schema import Row
from server_mock.protocol.accounts import UserEntry, proved
from server_mock.protocol.api import COOKIE
from server_mock.protocol.ways import columns, ways_of
from server_mock.protocol.ways_api import TOO_MANY
from tests.server_mock.accounts import CIPHER, EMAIL, PASSWORD, a_member, listed, new_password, opens
from tests.server_mock.world import EMAIL as SEEDED
from tests.server_mock.world import PASSWORD as SEEDED_PASSWORD
from tests.server_mock.world import World, a_world

UNKNOWN = "nobody@hearth.example"
WRONG = "0" * 64
OTHER_PASSWORD = "another ember in the grate"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=1)
        yield world


async def challenge(world: World, email: str, kind: str | None) -> httpx.Response:
    body = {"email": email} if kind is None else {"email": email, "kind": kind}
    return await world.http.post("/api/challenge", json=body)


async def test_a_challenge_names_a_way_and_gets_its_salt_alone(world: World) -> None:
    person = await a_member(world)
    password, recovery = person.made.request["ways"]
    assert (await challenge(world, EMAIL, None)).json()["salt"] == password["salt"]
    assert (await challenge(world, EMAIL, "password")).json() == {"salt": password["salt"], "iterations": 600_000}
    assert (await challenge(world, EMAIL, "recovery")).json() == {"salt": recovery["salt"], "iterations": 600_000}


@pytest.mark.parametrize("kind", TYPED)
async def test_a_challenge_is_alike_for_every_address_and_every_kind(world: World, kind: WayKind) -> None:
    """One that has no recovery key, and one that has no account, are answered as one that has both."""
    await a_member(world)
    answers = [await challenge(world, each, kind) for each in (EMAIL, SEEDED, UNKNOWN)]
    assert {(each.status_code, len(each.content)) for each in answers[::2]} == {(200, len(answers[0].content))}
    assert len({each.json()["salt"] for each in answers}) == 3
    assert answers[2].json()["iterations"] == PBKDF2_ITERATIONS
    again = await challenge(world, UNKNOWN, kind)
    assert again.json() == answers[2].json()
    other = WayKind.RECOVERY if kind is WayKind.PASSWORD else WayKind.PASSWORD
    assert (await challenge(world, UNKNOWN, other)).json()["salt"] != again.json()["salt"]


async def test_a_challenge_costs_the_same_reads_for_every_address_and_kind(world: World) -> None:
    await a_member(world)
    reads = []
    for email in (EMAIL, SEEDED, UNKNOWN):
        for kind in TYPED:
            world.services.accounts.forget("")
            world.services.accounts._entries.clear()
            before = world.requests.count
            await challenge(world, email, kind)
            reads.append(world.requests.count - before)
    assert set(reads) == {1}


@pytest.mark.parametrize("kind", ["face", "", 5, None, ["password"], "passkey"])
async def test_a_challenge_of_no_known_kind_is_refused(world: World, kind: object) -> None:
    assert (await world.http.post("/api/challenge", json={"email": EMAIL, "kind": kind})).status_code == 400


async def test_the_list_holds_nothing_that_opens_a_way(world: World) -> None:
    person = await a_member(world)
    ways = await listed(person)
    assert [way["kind"] for way in ways] == ["password", "recovery"]
    assert all(way.keys() == {"id", "kind", "salt", "iterations", "created_at", "name"} for way in ways)


async def test_a_proof_gives_the_wrapped_key_of_its_way(world: World) -> None:
    person = await a_member(world)
    for way in (person.made, await person.recovery()):
        body = {"account": person.made.id, "proof": way.credentials.lookup_hash}
        answer = await person.http.post("/api/ways/proof", json=body)
        assert answer.status_code == 200
        assert opens(person, way, answer.json()["wrapped_master_key"])


async def test_a_new_password_takes_the_place_of_the_old_one(world: World) -> None:
    person = await a_member(world)
    password, recovery = await new_password(OTHER_PASSWORD), await person.recovery()
    assert (await person.replace(password)).status_code == 200
    assert (await person.sign_in(http=world.browser())).status_code == 401
    answer = await person.sign_in(password, world.browser())
    assert opens(person, password, answer.json()["wrapped_master_key"])
    assert (await person.sign_in(recovery, world.browser())).status_code == 200
    device = await world.sign_in(EMAIL, OTHER_PASSWORD)
    await device.connect()
    await device.take_until(WarmingComplete)
    device.open_all()


async def test_the_recovery_key_proves_a_new_password_too(world: World) -> None:
    person = await a_member(world)
    recovery, password = await person.recovery(), await new_password(OTHER_PASSWORD)
    assert (await person.replace(password, by=recovery.credentials)).status_code == 200
    assert (await person.sign_in(password)).status_code == 200


async def test_a_new_recovery_key_takes_the_place_of_the_old_one_and_ends_nothing(world: World) -> None:
    person = await a_member(world)
    other = world.browser()
    assert (await person.sign_in(http=other)).status_code == 200
    old, (_shown, new) = await person.recovery(), await new_recovery_key(CIPHER)
    assert (await person.replace(new)).status_code == 200
    assert (await person.sign_in(old, world.browser())).status_code == 401
    assert (await person.sign_in(new, world.browser())).status_code == 200
    assert (await person.sign_in(http=world.browser())).status_code == 200
    assert (await other.get("/api/session")).status_code == 204


async def test_a_new_password_ends_every_other_session_at_once(world: World) -> None:
    person = await a_member(world)
    device = await world.sign_in(EMAIL, PASSWORD)
    await device.connect()
    await device.take_until(WarmingComplete)
    assert (await person.replace(await new_password(OTHER_PASSWORD))).status_code == 200
    error = await device.take()
    assert isinstance(error, ServerError)
    assert (error.code, error.reason) == (ErrorCode.SESSION, SessionEnd.REVOKED)
    assert await device.socket.closed() == 4401
    assert (await device.http.get("/api/session")).json()["error"]["code"] == "revoked"
    assert (await person.http.get("/api/session")).status_code == 204


async def test_a_password_that_only_costs_more_ends_no_session(world: World) -> None:
    person, other = await a_member(world), world.browser()
    await person.sign_in(http=other)
    assert (await person.replace(await new_password(PASSWORD), end_sessions=False)).status_code == 200
    assert (await other.get("/api/session")).status_code == 204
    assert (await person.replace(await new_password(OTHER_PASSWORD), end_sessions=1)).status_code == 400


async def test_a_sign_in_with_the_old_password_at_that_very_moment_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was verified with what was read before the change, and would begin its session after all others ended."""
    person = await a_member(world)
    accounts = world.services.accounts
    read, reached, gate = accounts.read, asyncio.Event(), asyncio.Event()

    async def read_early(hashed_email: str) -> Row | None:
        row = await read(hashed_email)
        monkeypatch.undo()
        reached.set()
        await gate.wait()
        return row

    monkeypatch.setattr(accounts, "read", read_early)
    for row in await world.direct.search("users"):
        accounts.forget(row["hashed_email"])
    signing_in = asyncio.create_task(person.sign_in(http=world.browser()))
    await reached.wait()
    assert (await person.replace(await new_password(OTHER_PASSWORD))).status_code == 200
    gate.set()
    assert (await signing_in).status_code == 401
    assert len(world.services.sessions.of_user(person.made.id)) == 1


async def test_a_change_that_is_repeated_is_answered_alike(world: World) -> None:
    person = await a_member(world)
    password = await new_password(OTHER_PASSWORD)
    assert [(await person.replace(password)).status_code for _ in range(3)] == [200, 200, 200]
    assert len(await listed(person)) == 2
    pretended = await new_password("something else entirely")
    answer = await person.replace(type(password)(password.id, *[getattr(pretended, n) for n in NAMES]))
    assert answer.status_code == 403, "the id alone, with the old proof, is not the change that was made"


NAMES = ("kind", "salt", "iterations", "credentials")


async def test_two_devices_that_change_the_password_at_once_leave_one(world: World) -> None:
    person = await a_member(world)
    passwords = [await new_password(f"{OTHER_PASSWORD} {number}") for number in range(3)]
    answers = await asyncio.gather(*(person.replace(each) for each in passwords))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403]
    valid = [(await person.sign_in(each, world.browser())).status_code for each in passwords]
    assert [status == 200 for status in valid] == [answer.status_code == 200 for answer in answers]


async def test_a_ninth_way_is_refused(world: World) -> None:
    person = await a_member(world)
    row = next(row for row in await world.direct.search("users") if row["id"] == person.made.id)
    password = ways_of(row)[0]
    hashes = [password.hash, *(f"{number:064}" for number in range(MAX_WAYS - 1))]
    await world.direct.update("users", row["id"], {**columns([password]), "lookup_hashes": hashes})
    (_shown, new) = await new_recovery_key(CIPHER)
    answer = await person.replace(new)
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, TOO_MANY)


async def test_a_row_of_before_gets_ways_with_its_first_change(world: World) -> None:
    device = await world.sign_in(SEEDED, SEEDED_PASSWORD)
    (_shown, new) = await new_recovery_key(CIPHER)
    wrapped = join_wrapped(WrappedKey(b"w" * 8, b"k" * 8, b"n" * 12, b"b" * 48))
    body = {"account": device.account, "proof": await world.lookup_hash(), "way": new.told(wrapped)}
    assert (await device.http.post("/api/ways", json=body)).status_code == 200
    row = next(row for row in await world.direct.search("users") if row["id"] == device.account)
    assert [way.kind for way in ways_of(row)] == ["password", "recovery"]
    assert row["lookup_hashes"] == [way["hash"] for way in row["ways"]]
    await world.sign_in(SEEDED, SEEDED_PASSWORD)


@pytest.mark.parametrize("kind", ["password", "recovery"])
async def test_a_server_that_dies_at_any_request_of_a_change(world: World, kind: str) -> None:
    """Exactly one of the two ways of that kind opens the account; with a new password the others are signed out."""
    steps, finished = 0, False
    while not finished:
        person = await a_member(world, f"person-{steps}@hearth.example")
        other = world.browser()
        await person.sign_in(http=other)
        recovery = await person.recovery()
        new = await new_password(OTHER_PASSWORD) if kind == "password" else (await new_recovery_key(CIPHER))[1]
        old_way = None if kind == "password" else recovery
        await world.die_after(steps)
        answer = await person.replace(new)
        finished = answer.status_code == 200 and world.requests.left != 0
        cookies, token = person.http.cookies, other.cookies[COOKIE]
        await world.restart()
        person.http = world.browser()
        person.http.cookies = cookies
        new_opens = (await person.sign_in(new, world.browser())).status_code == 200
        old_opens = (await person.sign_in(old_way, world.browser())).status_code == 200
        assert new_opens is not old_opens, steps
        assert new_opens or answer.status_code != 200, "what was answered holds"
        still_open = world.services.sessions.find(token) is not None
        assert still_open is not (new_opens and kind == "password"), steps
        assert (new.id in [way["id"] for way in await listed(person)]) is new_opens, "and the page can tell which"
        again = await person.replace(new)
        assert again.status_code == 200
        assert (await person.sign_in(new, world.browser())).status_code == 200
        assert (await person.sign_in(old_way, world.browser())).status_code == 401
        assert (world.services.sessions.find(token) is None) is (kind == "password")
        steps += 1
    assert steps >= (4 if kind == "password" else 3)


async def test_a_server_that_dies_at_any_request_of_a_recovery(world: World) -> None:
    """Signing in with the key, then the new password: the key always opens, and exactly one of the passwords."""
    steps, finished = 0, False
    while not finished:
        person = await a_member(world, f"person-{steps}@hearth.example")
        recovery, new = await person.recovery(), await new_password(OTHER_PASSWORD)
        person.http = world.browser()
        await world.die_after(steps)
        answer = await person.sign_in(recovery)
        if answer.status_code == 200:
            answer = await person.replace(new, by=recovery.credentials)
        finished = answer.status_code == 200 and world.requests.left != 0
        await world.restart()
        person.http = world.browser()
        assert (await person.sign_in(recovery)).status_code == 200
        statuses = [(await person.sign_in(each, world.browser())).status_code for each in (None, new)]
        assert sorted(statuses) == [200, 401], steps
        assert (await person.replace(new, by=recovery.credentials)).status_code == 200
        steps += 1
    assert steps >= 4


def test_the_proof_is_compared_as_often_for_nobody_as_for_eight_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def count(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", count)
    for entry in (None, UserEntry("id", "hash", (), None)):
        assert proved(entry, WRONG) is None
        assert compared == [(64, 64)] * MAX_WAYS
        compared.clear()
