"""Behind a TLS proxy: what trusted proxies say of the client counts, and what anybody else says does not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from hearth.core.protocol.server_events import FirstChatReady
from server_mock.cli.run import server_config
from server_mock.protocol.api import COOKIE, SECURE_COOKIE
from server_mock.protocol.rate_limit import ADDRESS
from tests.server_mock.world import EMAIL, HOST, DeviceSocket, World, a_world, read

PROXY, CLIENT, OTHER = "127.0.0.1", "203.0.113.7", "198.51.100.1"
HTTPS = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "Origin": f"https://{HOST}"}
HSTS = "Strict-Transport-Security"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed()
        yield world


def behind(world: World, *proxies: str) -> None:
    """Serve the world's application as the command does."""
    config = server_config(world.app, proxies)
    config.load()
    world.app = config.loaded_app


def addresses_of(world: World) -> list[str]:
    """Whose failures to sign in are counted."""
    return list(world.services.limits._addresses._buckets)


async def fail_to_sign_in(http: httpx.AsyncClient, *headers: tuple[str, str]) -> httpx.Response:
    body = {"email": EMAIL, "lookup_hash": "0" * 64}
    return await http.post("/api/sign-in", json=body, headers=list(headers))


async def signed_in(world: World, peer: str = PROXY) -> httpx.Response:
    body = {"email": EMAIL, "lookup_hash": await world.lookup_hash()}
    answer = await world.browser(peer).post("/api/sign-in", json=body, headers=HTTPS)
    assert answer.status_code == 200
    return answer


async def test_behind_a_trusted_proxy_the_cookie_and_the_connection_are_secure(world: World) -> None:
    behind(world, PROXY)
    answer = await signed_in(world)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{SECURE_COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers[HSTS] == "max-age=31536000"
    session = {"Cookie": cookie.partition(";")[0]}
    http = world.browser(PROXY)
    assert (await http.get("/api/session", headers={**HTTPS, **session})).status_code == 204
    gone = (await http.post("/api/sign-out", json={}, headers={**HTTPS, **session})).headers["Set-Cookie"]
    assert gone.startswith(f'{SECURE_COOKIE}="";')
    assert "Secure" in gone


async def test_a_websocket_behind_a_trusted_proxy_knows_the_secure_cookie(world: World) -> None:
    behind(world, PROXY)
    device = await world.sign_in()
    session = {"Host": HOST, "Cookie": f"{SECURE_COOKIE}={device.token}"}
    socket = await DeviceSocket(world.app, {**HTTPS, **session}).open()
    socket.send(device.hello())
    assert isinstance(read(await socket.text())[0], FirstChatReady)
    await socket.close()


@pytest.mark.parametrize(("proxies", "peer"), [((), PROXY), ((PROXY,), OTHER), (("10.0.0.0/8",), PROXY)])
async def test_what_anybody_else_says_is_ignored(world: World, proxies: tuple[str, ...], peer: str) -> None:
    behind(world, *proxies)
    answer = await signed_in(world, peer)
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert HSTS not in answer.headers
    await fail_to_sign_in(world.browser(peer), *HTTPS.items())
    assert addresses_of(world) == [peer]


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ([CLIENT], CLIENT),
        ([f"{CLIENT}:4711"], CLIENT),
        (["2001:db8::7"], "2001:db8::7"),
        # What the client itself wrote is to the left of what the proxy adds.
        ([f"{OTHER}, {CLIENT}"], CLIENT),
        ([f"{PROXY}, {CLIENT}"], CLIENT),
        ([OTHER, CLIENT], CLIENT),
        ([f"x, {PROXY}", CLIENT], CLIENT),
        # A chain of proxies.
        ([f"{OTHER}, {CLIENT}, 10.1.2.3"], CLIENT),
        ([OTHER, CLIENT, "10.1.2.3", "10.0.0.9"], CLIENT),
        # Nothing of use: the proxy counts.
        ([""], PROXY),
        ([], PROXY),
    ],
)
async def test_the_client_is_the_last_address_that_is_no_trusted_proxy(
    world: World, forwarded: list[str], counted: str
) -> None:
    behind(world, PROXY, "10.0.0.0/8")
    await fail_to_sign_in(world.browser(PROXY), *(("X-Forwarded-For", each) for each in forwarded))
    assert addresses_of(world) == [counted]


async def test_limits_are_the_clients_and_not_the_proxys(world: World) -> None:
    behind(world, PROXY)
    http = world.browser(PROXY)
    for number in range(ADDRESS.times):
        world.services.limits.fail(f"address {number}", CLIENT)
    assert (await fail_to_sign_in(http, ("X-Forwarded-For", CLIENT))).status_code == 429
    assert (await fail_to_sign_in(http, ("X-Forwarded-For", f"{OTHER}, {CLIENT}"))).status_code == 429
    assert (await fail_to_sign_in(http, ("X-Forwarded-For", OTHER))).status_code == 401


@pytest.mark.parametrize("scheme", ["http", "HTTPS ", "https, http", "ftp", "", "javascript"])
async def test_a_scheme_that_is_not_https_makes_nothing_secure(world: World, scheme: str) -> None:
    behind(world, PROXY)
    answer = await world.browser(PROXY).get("/api/demo", headers={"X-Forwarded-Proto": scheme})
    assert answer.status_code == 200
    assert HSTS not in answer.headers
