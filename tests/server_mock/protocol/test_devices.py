"""The devices of an account: listed, named, signed out elsewhere, and what they report of their wipe."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import ServerError, SessionEnd
from hearth.core.records.envelope import Place
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.protocol import sessions
from server_mock.protocol.api import COOKIE
from server_mock.protocol.devices import MOST_LISTED, WIPED_LISTED_S
from tests.contracts.records import SEALED
from tests.server_mock.devices import listed, own_id, post
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import START_S, Device, DeviceSocket, World, a_world


@pytest.fixture(params=[DeviceSocket, PolledSocket], ids=["websocket", "polled"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed(chats=2)
        yield world


async def test_a_device_is_listed_with_when_it_signed_in_and_was_here_last(world: World) -> None:
    first = await world.sign_in()
    world.time.now_s += 60
    second = await (await world.sign_in()).connect()
    await second.synchronised()
    here, there = await listed(first)
    start = round(START_S * 1000)
    assert here == {
        "id": await own_id(first),
        "name": None,
        "begun_at": start,
        "seen_at": start,
        "current": True,
        "online": False,
        "ended_at": None,
        "wiped_at": None,
    }
    assert there == {**here, "id": await own_id(second), "begun_at": start + 60_000, "seen_at": start + 60_000} | {
        "current": False,
        "online": True,
    }
    assert [each["current"] for each in await listed(second)] == [True, False]


async def test_when_a_device_was_here_last_is_written_once_an_hour_and_costs_the_protocol_nothing(world: World) -> None:
    device = await (await world.sign_in()).connect()
    await device.synchronised()
    world.direct.log.reset()
    before = world.requests.count
    for _ in range(3):
        world.time.now_s += sessions.SEEN_S / 2
        await device.disconnect()
        await device.connect()
        await device.settled()
        assert await world.services.sessions.written()
    assert [entry["method"] for entry in world.direct.log.entries()] == ["PATCH"]
    assert world.requests.count == before
    (row,) = await listed(device)
    assert row["seen_at"] == round((START_S + sessions.SEEN_S) * 1000)


async def test_a_browser_stays_one_device_from_one_sign_in_to_the_next(world: World) -> None:
    device = await world.sign_in()
    name = await own_id(device)
    assert await post(device, "name", device=name, name=SEALED) == 204
    again = {"email": "person@hearth.example", "lookup_hash": await world.lookup_hash(), "stay": True}
    assert (await device.http.post("/api/sign-in", json=again)).status_code == 200
    (row,) = await listed(device)
    assert (row["id"], row["name"]) == (name, SEALED)
    assert (await device.http.post("/api/sign-out", json={})).status_code == 204
    assert world.services.sessions.of_user(device.account) == [], "the session before it has ended with it"


async def test_another_account_in_the_same_browser_is_another_device(world: World) -> None:
    await world.seed(chats=1, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    device = await world.sign_in()
    assert await post(device, "name", device=await own_id(device), name=SEALED) == 204
    proof = await world.lookup_hash(GUEST_EMAIL, GUEST_PASSWORD)
    answer = await device.http.post("/api/sign-in", json={"email": GUEST_EMAIL, "lookup_hash": proof})
    guest = Device(world, device.http, answer.json()["account"], device.http.cookies[COOKIE], device.keyring)
    (row,) = await listed(guest)
    assert row["name"] is None


async def test_a_name_outlives_the_server_and_is_nothing_that_the_server_reads(world: World) -> None:
    device = await world.sign_in()
    name = await own_id(device)
    master = device.keyring._owned()
    place = Place(device.account, "sessions", name, "name")
    sealed = CryptographyCipher().seal_now(master, "Firefox on Linux", place)
    assert await post(device, "name", device=name, name=sealed) == 204
    assert await world.services.sessions.written()
    assert "Firefox" not in repr(await world.direct.search("sessions"))
    assert sealed not in repr(world.services.sessions._sessions)
    await world.restart()
    cookie = {"Cookie": f"{COOKIE}={device.token}"}
    answer = await world.http.get("/api/devices", params={"account": device.account}, headers=cookie)
    (row,) = answer.json()["devices"]
    assert CryptographyCipher().open_now(master, row["name"], place) == "Firefox on Linux"


async def test_signing_out_another_device_ends_it_at_once(world: World) -> None:
    here, there = await world.sign_in(), await (await world.sign_in()).connect()
    await there.synchronised()
    assert await post(here, "end", device=await own_id(there)) == 204
    error = await there.take()
    assert isinstance(error, ServerError)
    assert error.reason is SessionEnd.REVOKED
    assert await there.socket.closed() == 4401
    assert (await there.http.get("/api/session")).status_code == 401
    row = (await listed(here))[1]
    assert (row["ended_at"], row["wiped_at"], row["online"]) == (round(START_S * 1000), None, False)


async def test_a_sign_out_elsewhere_is_on_the_disk_when_it_is_answered(world: World) -> None:
    here, there = await world.sign_in(), await world.sign_in()
    assert await post(here, "end", device=await own_id(there)) == 204
    await world.restart()
    assert world.services.sessions.end_of(there.token) is SessionEnd.REVOKED
    cookie = {"Cookie": f"{COOKIE}={here.token}"}
    answer = await world.http.get("/api/devices", params={"account": here.account}, headers=cookie)
    assert [each["ended_at"] is not None for each in answer.json()["devices"]] == [False, True]


async def test_signing_out_all_others(world: World) -> None:
    here, *others = [await world.sign_in() for _ in range(4)]
    assert await post(here, "end", others=True) == 204
    assert [each.token for each in others if world.services.sessions.find(each.token)] == []
    assert world.services.sessions.find(here.token)
    assert len(await listed(here)) == 4


async def test_a_finished_wipe_is_listed_for_a_day(world: World) -> None:
    here, there = await world.sign_in(stay=True), await world.sign_in(stay=True)
    await post(here, "end", device=await own_id(there))
    world.time.now_s += 30
    answer = await there.http.post("/api/devices/wiped", json={"account": there.account})
    assert answer.status_code == 204
    assert COOKIE not in there.http.cookies
    assert (await listed(here))[1]["wiped_at"] == round((START_S + 30) * 1000)
    world.time.now_s += WIPED_LISTED_S
    assert len(await listed(here)) == 1


async def test_a_device_that_does_not_come_back_stays_listed_until_it_is_forgotten(world: World) -> None:
    here, there = await world.sign_in(stay=True), await world.sign_in()
    await post(here, "end", device=await own_id(there))
    world.time.now_s += sessions.VISIT_S + 1
    assert [each["wiped_at"] for each in await listed(here)] == [None, None]


async def test_who_signs_out_by_themselves_is_not_listed(world: World) -> None:
    here, there = await world.sign_in(), await world.sign_in()
    await there.http.post("/api/sign-out", json={})
    assert len(await listed(here)) == 1


async def test_who_signs_in_again_is_listed_as_signed_in(world: World) -> None:
    here, there = await world.sign_in(), await world.sign_in()
    await post(here, "end", device=await own_id(there))
    again = {"email": "person@hearth.example", "lookup_hash": await world.lookup_hash()}
    assert (await there.http.post("/api/sign-in", json=again)).status_code == 200
    assert [each["ended_at"] for each in await listed(here)] == [None, None]


async def test_a_long_list_ends(world: World) -> None:
    device = await world.sign_in()
    for _ in range(MOST_LISTED + 5):
        world.time.now_s += 1
        world.services.sessions.begin(device.account, "hash", stay=True)
    found = await listed(device)
    assert len(found) == MOST_LISTED
    assert found[0]["current"]
    assert found[1]["seen_at"] > found[-1]["seen_at"]


async def test_sessions_of_an_earlier_version_are_devices_without_a_name(world: World) -> None:
    device = await world.sign_in()
    (row,) = await world.direct.search("sessions")
    empty = dict.fromkeys(("device", "name", "begun_at", "seen_at", "ended_at", "wiped_at"))
    await world.direct.update("sessions", row["id"], empty)
    await world.restart()
    cookie = {"Cookie": f"{COOKIE}={device.token}"}
    answer = await world.http.get("/api/devices", params={"account": device.account}, headers=cookie)
    (shown,) = answer.json()["devices"]
    assert (shown["id"], shown["name"], shown["begun_at"]) == (row["id"], None, None)
