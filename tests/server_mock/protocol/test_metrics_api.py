"""`GET /metrics`: who gets it, what a sign-in, a warming and a refusal add to it, and that nobody is told by it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.records.schema import Collection
from server_mock.protocol.app import make_app
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import EMAIL, METRICS_TOKEN, DeviceSocket, World, a_world
from tests.server_mock.writing import Pen, a_device

CHATS, _MESSAGES, ENTRIES = Collection


@pytest.fixture(params=[DeviceSocket, PolledSocket])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed()
        yield world


async def told(world: World) -> str:
    answer = await world.http.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer another", f"Basic {METRICS_TOKEN}", f"Bearer {METRICS_TOKEN}x", "Bearer é"]
)
async def test_without_the_token_there_are_none(world: World, header: str | None) -> None:
    headers = {} if header is None else {b"Authorization": header.encode()}
    answer = await world.http.get("/metrics", headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "hearth_" not in answer.text


async def test_a_server_that_is_not_asked_to_has_no_such_route(world: World) -> None:
    world.app = make_app(world.services)
    answer = await world.browser().get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status_code == 404


async def test_what_happens_is_counted(world: World) -> None:
    device = await a_device(world, "device")
    pen = Pen(device)
    await pen.write(pen.say())
    pen.send({CHATS: [{**pen.chat, "version": 7}], ENTRIES: [pen.next(pen.manifest)]})
    await pen.refused()
    text = await told(world)
    for line in (
        'hearth_http_requests_total{route="/api/sign-in",status="200"} 1',
        'hearth_frames_received_total{event="hello"} 1',
        'hearth_frames_received_total{event="write"} 2',
        'hearth_frames_sent_total{event="written"} 1',
        'hearth_frames_sent_total{event="refused"} 1',
        "hearth_warmings_total 1",
        'hearth_refusals_total{reason="moved-on"} 1',
        f'hearth_connections{{transport="{"polled" if world.transport is PolledSocket else "websocket"}"}} 1',
    ):
        assert line in text.splitlines(), line
    await device.disconnect()
    await device.socket.ended()


async def test_nobody_is_told_by_it(world: World) -> None:
    device = await a_device(world, "device")
    await world.http.get(f"/chats/{device.account}")
    await world.http.get('/no"such{path}')
    text = await told(world)
    for private in (EMAIL, device.account, device.token, "127.0.0.1", "such", *device.tables[CHATS]):
        assert private not in text
