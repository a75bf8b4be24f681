"""Signing in and out: what the cookie is, what ends, how often one may try, and what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hearth.core.protocol.server_events import ErrorCode, ServerError, WarmingComplete
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.protocol import rate_limit, sessions
from server_mock.protocol.api import COOKIE
from server_mock.protocol.app import make_app
from server_mock.protocol.http_util import MAX_BODY_BYTES
from tests.server_mock.world import EMAIL, ORIGIN, PASSWORD, DeviceSocket, Refused, World, a_world

UNKNOWN = "nobody@hearth.example"
WRONG = "0" * 64


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=2)
        yield world


async def attempt(world: World, email: str, lookup_hash: str = WRONG, **headers: str) -> httpx.Response:
    body = {"email": email, "lookup_hash": lookup_hash}
    return await world.http.post("/api/sign-in", json=body, headers=headers)


@pytest.mark.parametrize("body", [{"email": "a\ud800@b.example"}, {"email": EMAIL, "more": [{"\udc00": 1}]}])
async def test_half_a_character_anywhere_in_a_body_is_no_json(world: World, body: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/api/challenge", "/api/sign-in", "/api/sign-out"):
        response = await world.http.post(path, content=json.dumps(body), headers=headers)
        assert response.status_code == 400, path
        assert response.json()["error"]["code"] == "not-json"


async def test_signing_in_answers_the_account_and_its_wrapped_key(world: World) -> None:
    response = await attempt(world, f" {EMAIL.upper()}", await world.lookup_hash())
    assert response.status_code == 200
    assert response.json().keys() == {"account", "wrapped_master_key"}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("stay", [True, False])
async def test_the_cookie(world: World, stay: bool) -> None:
    body = {"email": EMAIL, "lookup_hash": await world.lookup_hash(), "stay": stay}
    response = await world.http.post("/api/sign-in", json=body)
    parts = {part.strip().lower() for part in response.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert ("max-age=2592000" in parts) is stay
    assert "secure" not in parts
    token = response.cookies[COOKIE]
    assert len(token) >= 43
    assert token not in repr(vars(world.services.sessions))


async def test_the_cookie_over_https(world: World) -> None:
    body = {"email": EMAIL, "lookup_hash": await world.lookup_hash()}
    url = ORIGIN.replace("http", "https")
    response = await world.http.post(f"{url}/api/sign-in", json=body)
    assert response.headers["set-cookie"].startswith("__Host-hearth_session=")
    assert "secure" in response.headers["set-cookie"].lower()
    assert (await world.http.get(f"{url}/api/session")).status_code == 204


async def test_the_session_can_be_asked_for(world: World) -> None:
    assert (await world.http.get("/api/session")).status_code == 401
    device = await world.sign_in()
    assert (await device.http.get("/api/session")).status_code == 204
    assert (await device.http.post("/api/sign-out", json={})).status_code == 204
    assert (await device.http.get("/api/session")).status_code == 401


async def test_signing_out_closes_the_sockets_of_the_session_and_of_no_other(world: World) -> None:
    leaving, staying = await world.sign_in(), await world.sign_in()
    for device in (leaving, staying):
        await device.connect()
        await device.take_until(WarmingComplete)
    response = await leaving.http.post("/api/sign-out", json={})
    assert response.status_code == 204
    assert 'hearth_session=""' in response.headers["set-cookie"]
    error = await leaving.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.SESSION
    assert await leaving.socket.closed() == 4401
    with pytest.raises(Refused):
        await leaving.connect()
    await world.change(rename_chat={"title": "still there"})
    await staying.take()
    # Without a session it is done already.
    assert (await leaving.http.post("/api/sign-out", json={})).status_code == 204


async def test_a_session_that_ends_during_the_handshake_opens_nothing(world: World) -> None:
    device = await world.sign_in()
    await device.connect_silently()
    session = world.services.sessions.find(device.token)
    assert session is not None
    world.services.sessions.end(session)
    device.socket.send(device.hello())
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.SESSION
    assert await device.socket.closed() == 4401


async def test_a_device_that_does_not_read_cannot_hold_up_signing_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server_mock.protocol.channel.CLOSE_S", 0.01)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    device.socket.stop_reading()
    await world.change(rename_chat={"title": "never read"})
    assert (await device.http.post("/api/sign-out", json={})).status_code == 204


@pytest.mark.parametrize("path", ["/api/sign-out", "/api/devices/wiped"])
async def test_a_late_answer_to_the_session_before_leaves_the_new_cookie(world: World, path: str) -> None:
    """Two tabs share the cookie: the one whose session ended may be answered after the sign-in of the other."""
    await world.seed(chats=1, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    device = await world.sign_in()
    body = {"email": GUEST_EMAIL, "lookup_hash": await world.lookup_hash(GUEST_EMAIL, GUEST_PASSWORD)}
    assert (await device.http.post("/api/sign-in", json=body)).status_code == 200
    late = await world.http.post(path, json={}, headers={"Cookie": f"{COOKIE}={device.token}"})
    assert late.status_code == 204
    assert "set-cookie" not in late.headers


async def test_signing_in_as_somebody_else_ends_the_session_before(world: World) -> None:
    await world.seed(chats=1, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    for email, password, status in ((EMAIL, PASSWORD, 204), (GUEST_EMAIL, GUEST_PASSWORD, 401)):
        body = {"email": email, "lookup_hash": await world.lookup_hash(email, password)}
        cookie = {"Cookie": f"{COOKIE}={device.token}"}
        assert (await world.browser().post("/api/sign-in", json=body, headers=cookie)).status_code == 200
        # In another tab of the same person the session before goes on.
        assert (await world.browser().get("/api/session", headers=cookie)).status_code == status
    assert await device.socket.closed() == 4401


async def test_a_page_that_names_its_account_gets_no_other_ones_data(world: World) -> None:
    await world.seed(chats=1, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    device, other = await world.sign_in(), await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    for account, status in ((device.account, 204), (other.account, 401), ("", 401)):
        answer = await device.http.get("/api/session", params={"account": account})
        assert answer.status_code == status
        socket = DeviceSocket(world.app, device.headers(), f"account={account}")
        if status == 204:
            await socket.open()
            await socket.close()
        else:
            with pytest.raises(Refused):
                await socket.open()


async def test_ten_failures_lock_an_account_for_a_while(world: World) -> None:
    right = await world.lookup_hash()
    for email in (EMAIL, UNKNOWN):
        for _ in range(rate_limit.ACCOUNT.times):
            assert (await attempt(world, email)).status_code == 401
        refused = await attempt(world, email, right)
        assert refused.status_code == 429
        wait = int(refused.headers["retry-after"])
        assert 0 < wait <= 30
        assert f"{wait} seconds" in refused.json()["error"]["message"]
    world.time.now_s += 31
    assert (await attempt(world, EMAIL, right)).status_code == 200


async def test_success_clears_the_failures(world: World) -> None:
    right = await world.lookup_hash()
    for _ in range(3):
        for _ in range(rate_limit.ACCOUNT.times - 1):
            assert (await attempt(world, EMAIL)).status_code == 401
        assert (await attempt(world, EMAIL, right)).status_code == 200


async def test_a_network_address_is_limited_across_accounts(world: World) -> None:
    for number in range(rate_limit.ADDRESS.times):
        assert (await attempt(world, f"{number}@hearth.example")).status_code == 401
    assert (await attempt(world, "one-more@hearth.example")).status_code == 429
    elsewhere = world.browser("192.0.2.7")
    body = {"email": EMAIL, "lookup_hash": await world.lookup_hash()}
    assert (await elsewhere.post("/api/sign-in", json=body)).status_code == 200


async def test_two_hundred_devices_sign_in_at_once(world: World) -> None:
    await world.lookup_hash()
    devices = await asyncio.gather(*(world.sign_in() for _ in range(200)))
    assert len({device.token for device in devices}) == 200


async def test_sign_ins_wait_their_turn_and_the_queue_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server_mock.protocol.api.MAX_WAITING", 3)
    gate = world.requests.hold("/items/users")
    asked = [
        asyncio.create_task(world.http.post("/api/challenge", json={"email": f"{number}@hearth.example"}))
        for number in range(64 + 3 + 2)
    ]
    answered = asyncio.as_completed(asked)
    refused = [(await next(answered)).status_code for _ in range(2)]
    assert refused == [503, 503]
    gate.set()
    statuses = [response.status_code for response in await asyncio.gather(*asked)]
    assert sorted(statuses) == [200] * 67 + [503] * 2


@pytest.mark.parametrize("path", ["/api/challenge", "/api/sign-in", "/api/sign-out", "/control/reset"])
async def test_a_foreign_origin_is_refused(world: World, path: str) -> None:
    for origin in ("http://evil.example", "null", f"http://{UNKNOWN}"):
        response = await world.http.post(path, json={"email": EMAIL}, headers={"Origin": origin})
        assert response.status_code == 403


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 5_000, "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"email": 5}', "application/json", 400),
        (b'{"email": ""}', "application/json", 400),
        (b'{"email": "' + b"x" * 321 + b'"}', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"email=x", "application/x-www-form-urlencoded", 415),
        (b'{"email": "' + b"x" * MAX_BODY_BYTES + b'"}', "application/json", 413),
    ],
)
async def test_bad_bodies(world: World, content: bytes, kind: str, status: int) -> None:
    for path in ("/api/challenge", "/api/sign-in"):
        response = await world.http.post(path, content=content, headers={"Content-Type": kind})
        assert response.status_code == status
        assert response.json()["error"]["message"].endswith(".")


async def test_bad_fields_of_a_sign_in(world: World) -> None:
    good: dict[str, Any] = {"email": EMAIL, "lookup_hash": WRONG, "stay": False}
    for name, value in (("lookup_hash", None), ("lookup_hash", "x" * 129), ("stay", "yes"), ("stay", 1)):
        response = await world.http.post("/api/sign-in", json={**good, name: value})
        assert response.status_code == 400


async def test_directus_away_is_told(world: World) -> None:
    await world.control("faults", {"directus_status": 503})
    response = await world.http.post("/api/challenge", json={"email": EMAIL})
    assert response.status_code == 503
    assert "Try again" in response.json()["error"]["message"]
    await world.control("faults", {})
    # What failed is not remembered.
    assert (await world.http.post("/api/challenge", json={"email": EMAIL})).status_code == 200


async def test_the_demo_account_is_shown_in_demo_mode_only(world: World) -> None:
    assert (await world.http.get("/api/demo")).json() == {"email": EMAIL, "password": PASSWORD}
    plain = httpx.ASGITransport(app=make_app(world.services))
    async with httpx.AsyncClient(base_url=ORIGIN, transport=plain) as http:
        assert (await http.get("/api/demo")).status_code == 204
        assert (await http.get("/control/accounts")).status_code == 404
        assert "content-security-policy" in (await http.get("/api/session")).headers


async def test_a_session_ends_by_itself(world: World) -> None:
    short = await world.sign_in()
    long = await world.sign_in(stay=True)
    world.time.now_s += sessions.VISIT_S
    assert (await short.http.get("/api/session")).status_code == 401
    assert (await long.http.get("/api/session")).status_code == 204
    world.time.now_s += sessions.STAY_S
    assert (await long.http.get("/api/session")).status_code == 401
