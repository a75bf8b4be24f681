"""Polled connections as a device meets them: what comes over them is what comes over a WebSocket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.device_events import Ping
from hearth.core.protocol.server_events import Changes, Pong, ServerError, SessionEnd, UpToDate, WarmingComplete
from server_mock.protocol import connection_registry, polled_transport, polling
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import Device, DeviceSocket, Refused, World, a_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world(transport=PolledSocket) as world:
        await world.seed(chats=12)
        yield world


async def current(world: World) -> tuple[Device, PolledSocket]:
    """A device that is connected and has everything."""
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    assert isinstance(device.socket, PolledSocket)
    return device, device.socket


async def test_a_warming_brings_the_same_events_at_the_same_cost(world: World) -> None:
    brought = []
    for transport in (PolledSocket, DeviceSocket):
        await world.restart()
        world.transport = transport
        device = await world.sign_in()
        await device.connect()
        await device.take_until(WarmingComplete)
        await device.assert_equals_server()
        # The second event takes two frames where Directus finds the messages later than the list.
        brought.append((device.names(), device.sent.copy(), len(world.log())))
    assert brought[0] == brought[1]


async def test_a_change_is_pushed(world: World) -> None:
    device, _socket = await current(world)
    await world.change(rename_chat={"title": "changed elsewhere"})
    await device.take_until(Changes)
    await device.assert_equals_server()


async def test_answers_that_are_lost_cost_nothing(world: World) -> None:
    device = await world.sign_in()
    await device.connect_silently()
    assert isinstance(device.socket, PolledSocket)
    device.socket.lose = 7
    device.socket.send(device.hello())
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()
    device.socket.lose = 2
    await world.change(rename_chat={"title": "changed elsewhere"})
    device.socket.send(Ping())
    await device.take_until(Changes)
    await device.assert_equals_server()


async def test_a_connection_resumes_from_the_cursor(world: World) -> None:
    device, _socket = await current(world)
    await device.disconnect()
    world.services.client.log.reset()
    await device.connect()
    assert isinstance(await device.take(), UpToDate)
    assert world.log() == []


async def test_signing_out_ends_the_poll_that_waits(world: World) -> None:
    device, socket = await current(world)
    await device.http.post("/api/sign-out", json={})
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.reason is SessionEnd.REVOKED
    assert await socket.closed() == 4401
    answer = await socket.post("/api/poll", {"connection": socket.id, "after": socket.after})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "revoked")


async def test_a_device_that_reads_nothing_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled_transport, "MAX_OUT_CHARS", 1)
    monkeypatch.setattr("server_mock.protocol.channel.SEND_S", 0.01)
    monkeypatch.setattr("server_mock.protocol.channel.CLOSE_S", 0.01)
    slow, socket = await current(world)
    other = await world.sign_in()
    await other.connect()
    await other.take_until(WarmingComplete)
    socket.stop_reading()
    for title in ("one", "two", "three"):
        await world.change(rename_chat={"title": title})
        await other.take_until(Changes)
    while len(world.services.polled) > 1:
        await other.settled()
    assert len(world.services.states.of(slow.account).listeners) == 1


async def test_one_connection_too_many_ends_the_oldest(world: World) -> None:
    device, first = await current(world)
    for _ in range(polling.MAX_OF_SESSION):
        await device.connect()
        await device.take()
    assert await first.closed() == 1008
    answer = await first.post("/api/poll", {"connection": first.id, "after": first.after})
    assert answer.status_code == 404
    other = await world.sign_in()
    await other.connect()
    device.socket.send(Ping())
    await device.take_until(Pong)


async def test_no_more_connections_than_fit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    device = await world.sign_in()
    monkeypatch.setattr(connection_registry.Hub, "full", property(lambda _hub: True))
    with pytest.raises(Refused, match="crowded"):
        await device.connect_silently()


async def test_the_server_stopping_answers_the_polls_that_wait(world: World) -> None:
    _device, socket = await current(world)
    world.services.stop()
    assert await socket.closed() == 1012


async def test_another_accounts_page_is_told_that_its_session_is_over(world: World) -> None:
    device = await world.sign_in()
    socket = PolledSocket(world.app, device.headers(), "account=somebody-elses")
    with pytest.raises(Refused, match="revoked"):
        await socket.open()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ({"first": 1}, 400),
        ({"first": 0}, 409),
        ({"first": 3}, 409),
        ({"first": -1}, 400),
        ({"first": "1"}, 400),
        ({"first": True}, 400),
        ({"first": 1, "connection": "another"}, 404),
        ({"first": 1, "connection": 5}, 400),
    ],
)
async def test_posts_that_make_no_sense(world: World, head: dict[str, object], status: int) -> None:
    device, socket = await current(world)
    named = {} if head == {"first": 1} else {"connection": socket.id}
    answer = await socket.post_lines({**named, **head}, b"{}")
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith(".")
    device.socket.send(Ping())
    await device.take_until(Pong)


async def test_a_post_is_no_longer_than_a_message_may_be(world: World) -> None:
    _device, socket = await current(world)
    answer = await socket.post_lines({"connection": socket.id, "first": 2}, b"x" * polling.MAX_SEND_BYTES)
    assert answer.status_code == 413


async def test_a_form_of_another_site_cannot_even_try(world: World) -> None:
    _device, socket = await current(world)
    text = json.dumps({"connection": socket.id, "first": 2})
    answer = await socket._http.post("/api/poll/send", content=text, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


async def test_the_fault_that_refuses_websockets_leaves_polling_alone(world: World) -> None:
    await world.control("faults", {"refuse_websocket": True})
    device, _socket = await current(world)
    with pytest.raises(Refused):
        await DeviceSocket(world.app, device.headers()).open()


async def test_the_fault_that_silences_websockets(world: World) -> None:
    await world.control("faults", {"silence_websocket": True})
    device = await world.sign_in()
    world.transport = DeviceSocket
    await device.connect()
    await device.settled()
    assert device.events == []
