"""Every route and every event of a device with every wrong identity; a new one without a row here fails.

The routes are read off the application, the events off the wire's own tables, so that none can be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from starlette.routing import BaseRoute, Route, WebSocketRoute

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import (
    Ack,
    ChatOpened,
    DeviceEvent,
    DeviceEventName,
    Hello,
    ListOlder,
    Ping,
    ReadChats,
    Refetch,
    Want,
    Write,
)
from hearth.core.protocol.server_events import ErrorCode, FirstChatReady, Pong, ServerError, SessionEnd, WarmingComplete
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import Collection
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.protocol.api import COOKIE
from server_mock.protocol.device_connection import SESSION_OVER
from server_mock.protocol.metrics_api import CountingRequests
from server_mock.protocol.static import SecurityHeaders
from tests.contracts import records
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import HOST, ORIGIN, Device, DeviceSocket, Refused, World, a_world

CHATS, MESSAGES, ENTRIES = Collection
FOREIGN = "http://evil.example"

OPEN_TO_ALL = {
    ("POST", "/api/challenge"): 200,
    ("POST", "/api/sign-in"): 401,
    ("POST", "/api/sign-out"): 204,
    ("GET", "/api/demo"): 200,
    ("GET", "/healthz"): 200,
    ("GET", "/metrics"): 401,
    ("POST", "/api/devices/wiped"): 204,
    ("GET", "/api/sign-up"): 200,
    ("POST", "/api/sign-up"): 400,
    ("POST", "/api/passkeys/challenge"): 200,
    ("POST", "/api/passkeys/verify"): 400,
}
"""Routes that ask for no session, with what they answer to somebody without one."""

NEEDS_SESSION = {
    ("GET", "/api/session"),
    ("POST", "/api/poll/open"),
    ("GET", "/api/assistant"),
    ("POST", "/api/assistant"),
    ("GET", "/api/devices"),
    ("POST", "/api/devices/name"),
    ("POST", "/api/devices/end"),
    ("GET", "/api/ways"),
    ("POST", "/api/ways"),
    ("POST", "/api/ways/proof"),
    ("POST", "/api/ways/remove"),
    ("POST", "/api/ways/name"),
    ("POST", "/api/account/address"),
    ("POST", "/api/account/delete"),
}
NEEDS_CONNECTION = {
    ("POST", "/api/poll"),
    ("POST", "/api/poll/send"),
    ("POST", "/api/poll/close"),
    ("POST", "/api/write"),
}
"""Routes that name a connection, which is there for the session alone that opened it."""

CONTROL = {
    ("GET", "/control/directus-log"),
    ("GET", "/control/frames"),
    ("GET", "/control/accounts"),
    ("POST", "/control/accounts"),
    ("POST", "/control/clock"),
    ("POST", "/control/changes"),
    ("POST", "/control/faults"),
    ("POST", "/control/reset"),
}
BODIES: dict[str, dict[str, object]] = {
    "/api/challenge": {"email": "person@hearth.example"},
    "/api/sign-in": {"email": "person@hearth.example", "lookup_hash": "0" * 64},
    "/api/ways/remove": {"way": "a way"},
    "/api/ways/name": {"way": "a way", "name": records.SEALED},
    "/api/account/address": {"email": "elsewhere@hearth.example"},
}


@pytest.fixture(params=[DeviceSocket, PolledSocket], ids=["websocket", "polled"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed(chats=4)
        await world.seed(chats=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
        yield world


def routes_of(world: World) -> list[BaseRoute]:
    assert isinstance(world.app, SecurityHeaders)
    assert isinstance(world.app._app, CountingRequests)
    return list(world.app._app._app.routes)  # type: ignore[attr-defined]


def http_routes(world: World) -> Iterator[tuple[str, str]]:
    for route in routes_of(world):
        if isinstance(route, Route):
            yield from ((method, route.path) for method in route.methods or () if method != "HEAD")


async def test_every_route_has_a_row(world: World) -> None:
    assert set(http_routes(world)) == {*OPEN_TO_ALL, *NEEDS_SESSION, *NEEDS_CONNECTION, *CONTROL}
    assert [route.path for route in routes_of(world) if isinstance(route, WebSocketRoute)] == ["/ws"]


async def identities(world: World) -> dict[str, str]:
    """Cookies of everybody who is not the person: nobody, garbage, one whose session ended, another account."""
    ended = await world.sign_in()
    await ended.http.post("/api/sign-out", json={})
    guest = await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    return {
        "nobody": "",
        "empty": f"{COOKIE}=",
        "garbage": f"{COOKIE}=\x7f{'x' * 300}",
        "ended": f"{COOKIE}={ended.token}",
        "another account": f"{COOKIE}={guest.token}",
    }


async def test_every_route_with_every_wrong_identity(world: World) -> None:
    person = await world.sign_in()
    for who, cookie in (await identities(world)).items():
        for (method, path), status in [*OPEN_TO_ALL.items(), *((each, 401) for each in NEEDS_SESSION)]:
            named = {"account": person.account} if (method, path) in NEEDS_SESSION else {}
            params = named if method == "GET" else None
            body = {**BODIES.get(path, {}), **named} if method == "POST" else None
            if path == "/api/sign-out" and who == "another account":
                continue  # It ends that account's own session, which the next test looks at.
            answer = await world.http.request(method, path, params=params, json=body, headers={"Cookie": cookie})
            assert answer.status_code == status, (who, method, path)
            assert person.account not in answer.text


async def test_every_route_from_a_foreign_origin(world: World) -> None:
    device = await world.sign_in()
    for method, path in http_routes(world):
        for origin in (FOREIGN, "null", f"{ORIGIN}.evil.example"):
            headers = {"Origin": origin, "Cookie": f"{COOKIE}={device.token}"}
            body = BODIES.get(path, {}) if method == "POST" else None
            answer = await world.http.request(method, path, json=body, headers=headers)
            assert answer.status_code == 403, (method, path, origin)
    assert (await device.http.get("/api/session")).status_code == 204


async def test_every_request_of_a_connection_with_every_wrong_identity(world: World) -> None:
    person = await world.sign_in()
    own = await PolledSocket(world.app, person.headers(), f"account={person.account}").open()
    for who, cookie in (await identities(world)).items():
        thief = PolledSocket(world.app, {**person.headers(), "Cookie": cookie})
        status, code = (404, "no-connection") if who == "another account" else (401, None)
        for answer in (
            await thief.post("/api/poll", {"connection": own.id, "after": 0}),
            await thief.post_lines({"connection": own.id, "first": 1}, b'{"v":1,"event":"ping"}'),
            await thief.post("/api/poll/close", {"connection": own.id}),
            await thief.post(f"/api/write?connection={own.id}", {"v": 1, "event": "ping"}),
        ):
            assert answer.status_code == status, (who, answer.url)
            assert answer.json()["error"]["code"] == (code or ("revoked" if who == "ended" else "unknown"))
    person._socket = own
    own.send(person.hello())
    assert isinstance(await person.take(), FirstChatReady)
    await own.close()


@pytest.mark.parametrize("origin", [FOREIGN, "null", None])
async def test_what_makes_or_changes_ways_in_names_its_origin(world: World, origin: str | None) -> None:
    person = await world.sign_in()
    headers = {"Cookie": f"{COOKIE}={person.token}", **({"Origin": origin} if origin else {})}
    http = world.browser()
    del http.headers["Origin"]
    passkeys = ("/api/passkeys/challenge", "/api/passkeys/verify", "/api/ways/name", "/api/account/address")
    for path in ("/api/sign-up", "/api/ways", "/api/ways/proof", "/api/ways/remove", "/api/account/delete", *passkeys):
        answer = await http.post(path, json={"account": person.account}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign-origin"), path


@pytest.mark.parametrize("origin", [FOREIGN, "null", f"{ORIGIN}.evil.example", None])
async def test_every_request_of_a_connection_names_its_origin(world: World, origin: str | None) -> None:
    person = await world.sign_in()
    own = await PolledSocket(world.app, person.headers(), f"account={person.account}").open()
    headers = {**person.headers(), "Origin": origin or ""}
    stranger = PolledSocket(world.app, {name: value for name, value in headers.items() if value})
    for answer in (
        await stranger.post("/api/poll/open", {"account": person.account}),
        await stranger.post("/api/poll", {"connection": own.id, "after": 0}),
        await stranger.post_lines({"connection": own.id, "first": 1}, b'{"v":1,"event":"ping"}'),
        await stranger.post("/api/poll/close", {"connection": own.id}),
        await stranger.post(f"/api/write?connection={own.id}", {"v": 1, "event": "ping"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign-origin"), answer.url
    await own.close()


async def test_control_is_not_there_unless_it_is_asked_for(world: World) -> None:
    from server_mock.protocol.app import make_app  # noqa: PLC0415 - an application without control routes

    world.app = make_app(world.services)
    http = world.browser()
    for method, path in CONTROL:
        answer = await http.request(method, path, json={} if method == "POST" else None)
        assert answer.status_code == 404, (method, path)


async def test_nobody_else_ends_a_session(world: World) -> None:
    person = await world.sign_in()
    await person.connect()
    await person.take_until(WarmingComplete)
    for cookie in (await identities(world)).values():
        await world.http.post("/api/sign-out", json={}, headers={"Cookie": cookie})
    person.socket.send(Ping())
    assert isinstance(await person.take(), Pong)


async def test_nobody_else_ends_or_names_a_device_of_the_account(world: World) -> None:
    person = await world.sign_in()
    (listed,) = (await person.http.get("/api/devices", params={"account": person.account})).json()["devices"]
    thief = await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    for who, cookie in {**await identities(world), "thief": f"{COOKIE}={thief.token}"}.items():
        for account in (person.account, thief.account):
            for path, more in (("end", {}), ("end", {"others": True}), ("name", {"name": records.SEALED})):
                body = {"account": account, "device": listed["id"], **more}
                answer = await world.http.post(f"/api/devices/{path}", json=body, headers={"Cookie": cookie})
                assert listed["id"] not in answer.text, who
        await world.http.post("/api/devices/wiped", json={"account": person.account}, headers={"Cookie": cookie})
    (now,) = (await person.http.get("/api/devices", params={"account": person.account})).json()["devices"]
    assert now == listed


async def test_the_handshake_with_every_wrong_identity(world: World) -> None:
    person = await world.sign_in()
    for who, cookie in (await identities(world)).items():
        headers = {"Host": HOST, "Origin": ORIGIN, "Cookie": cookie}
        socket = DeviceSocket(world.app, headers, query=f"account={person.account}")
        with pytest.raises(Refused):
            await socket.open()
        assert socket.texts == [], who
    for origin in (FOREIGN, "null", ""):
        headers = {name: value for name, value in {**person.headers(), "Origin": origin}.items() if value}
        with pytest.raises(Refused):
            await DeviceSocket(world.app, headers).open()


def next_version(victim: Device) -> dict[str, object]:
    """The victim's manifest as a device would write it next."""
    row = next(row for row in victim.records(ENTRIES).values() if row["app_id"] == manifest_id(victim.account))
    return {**row, "version": row["version"] + 1}


def next_records(victim: Device) -> dict[Collection, list[dict[str, object]]]:
    """A chat of the victim, one of its messages and the manifest, as a device would write them next."""
    message = next(iter(victim.records(MESSAGES).values()))
    chat = victim.records(CHATS)[message["chat_id"]]
    following = [{**row, "version": row["version"] + 1} for row in (chat, message)]
    return {CHATS: following[:1], MESSAGES: following[1:], ENTRIES: [next_version(victim)]}


EVENTS: dict[DeviceEventName, Callable[[Device], DeviceEvent]] = {
    DeviceEventName.HELLO: lambda victim: Hello(
        device_id="device", since=victim.cursor, have=dict.fromkeys(victim.records(CHATS), 1)
    ),
    DeviceEventName.OPENED: lambda victim: ChatOpened(chat_id=next(iter(victim.records(CHATS)))),
    DeviceEventName.WANT: lambda victim: Want(chat_id=next(iter(victim.records(CHATS)))),
    DeviceEventName.REFETCH: lambda victim: Refetch(
        collection=MESSAGES, record_id=next(iter(victim.records(MESSAGES)))
    ),
    DeviceEventName.WRITE: lambda victim: Write(mutations=("m",), records=next_records(victim)),
    DeviceEventName.LIST_OLDER: lambda victim: ListOlder(
        listed_to=max(row["last_updated"] for row in victim.records(CHATS).values()),
        listed=tuple(victim.records(CHATS))[:1],
    ),
    DeviceEventName.READ_CHATS: lambda victim: ReadChats(ids=tuple(victim.records(CHATS))),
    DeviceEventName.ACK: lambda victim: Ack(stamp=victim.cursor or "1"),
    DeviceEventName.PING: lambda _victim: Ping(),
}
"""Each event of a device, naming what belongs to the victim."""


async def victim_of(world: World) -> Device:
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    return device


def test_every_event_has_a_row() -> None:
    assert set(EVENTS) == set(DeviceEventName) == set(codec._DEVICE)


@pytest.mark.parametrize("name", DeviceEventName)
async def test_every_event_about_somebody_elses_records(world: World, name: DeviceEventName) -> None:
    victim = await victim_of(world)
    last_opened = (await world.account())["last_opened"]
    before = [await world.rows(collection, victim.account) for collection in Collection]
    thief = await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    await thief.connect_silently()
    if name is not DeviceEventName.HELLO:
        thief.socket.send(thief.hello())
    thief.socket.send(EVENTS[name](victim))
    await thief.settled()
    await world.services.last_opened.settled()
    received = "".join(thief.socket.texts)
    theirs = [record for collection in Collection for record in victim.records(collection)]
    answer = json.dumps(thief.socket.texts[-1:])
    # A refetch and a write are answered with the ids that they named, and with nothing else.
    asked = EVENTS[name](victim)
    known = [asked.record_id] if isinstance(asked, Refetch) else []
    if isinstance(asked, Write):
        known = [row["id"] for rows in asked.records.values() for row in rows]
    assert [record for record in theirs if record in received and record not in known] == [], answer
    values = [
        value
        for collection in Collection
        for row in victim.records(collection).values()
        for value in row.values()
        if isinstance(value, str) and len(value) > 64
    ]
    assert [value for value in values if value in received] == []
    assert (await world.account())["last_opened"] == last_opened
    assert [await world.rows(collection, victim.account) for collection in Collection] == before


@pytest.mark.parametrize("name", DeviceEventName)
async def test_every_event_once_the_session_has_ended(world: World, name: DeviceEventName) -> None:
    device = await victim_of(world)
    texts = len(device.socket.texts)
    await device.http.post("/api/sign-out", json={})
    device.socket.send(EVENTS[name](device))
    error = await device.take()
    assert isinstance(error, ServerError)
    assert (error.code, error.message) == (ErrorCode.SESSION, SESSION_OVER[SessionEnd.REVOKED])
    assert await device.socket.closed() == 4401
    assert len(device.socket.texts) == texts + 1


@pytest.mark.parametrize("name", DeviceEventName)
async def test_every_event_before_hello(world: World, name: DeviceEventName) -> None:
    victim = await victim_of(world)
    other = await world.sign_in()
    await other.connect_silently()
    other.socket.send(EVENTS[name](victim))
    event = await other.take()
    if name is DeviceEventName.HELLO:
        assert not isinstance(event, ServerError)
        return
    assert isinstance(event, ServerError)
    assert event.code is ErrorCode.BAD_FRAME
    assert await other.socket.closed() == 1007


@pytest.mark.parametrize("version", [0, 2, -1, "1", None, True, 1.5])
@pytest.mark.parametrize("name", DeviceEventName)
async def test_every_event_in_another_protocol_version(world: World, name: DeviceEventName, version: object) -> None:
    device = await victim_of(world)
    frame = json.loads(codec.write_device_frame(EVENTS[name](device)))
    device.socket.send_text(json.dumps({**frame, "v": version}))
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.VERSION
    assert await device.socket.closed() == 1008
