"""A frame that is posted beside its connection is taken like any other, and answered over the connection."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Hello, Ping
from hearth.core.protocol.server_events import Changes, ErrorCode, Pong, ServerError, UpToDate, WarmingComplete
from hearth.core.records.schema import Collection
from server_mock.protocol import posting
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import Device, DeviceSocket, World, a_world
from tests.server_mock.writing import Pen

MESSAGES = Collection.MESSAGES
_names = map(str, itertools.count(1))


class NamedSocket(DeviceSocket):
    """A WebSocket whose handshake names the connection."""

    def __init__(self, app: object, headers: dict[str, str], query: str = "") -> None:
        self.id = f"connection-{next(_names)}"
        super().__init__(app, headers, f"{query}&connection={self.id}")  # type: ignore[arg-type]


@pytest.fixture(params=[NamedSocket, PolledSocket], ids=["websocket", "polled"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed(chats=2)
        yield world


async def connected(world: World) -> Device:
    device = await world.sign_in()
    await device.connect(device_id=f"device {len(world.sockets)}")
    await device.take_until(WarmingComplete)
    return device


async def post(device: Device, text: str, connection: str | None = None) -> httpx.Response:
    name = device.socket.id if connection is None else connection  # type: ignore[attr-defined]
    headers = {**device.headers(), "Content-Type": "application/json"}
    return await device.http.post("/api/write", params={"connection": name}, content=text, headers=headers)


async def test_a_posted_write_is_answered_once_and_told_to_the_others(world: World) -> None:
    device = await connected(world)
    world.transport = DeviceSocket
    other = await connected(world)
    pen = Pen(device)
    records = pen.say("x" * 700_000)
    frame = pen.frame(records)
    text = codec.write_device_frame(frame)
    assert len(text) > codec.POSTED_FROM_CHARS
    assert (await post(device, text)).status_code == 200
    first = await pen.written()
    await other.take_until(Changes)
    assert records[MESSAGES][0]["id"] in other.records(MESSAGES)
    await other.assert_equals_server()
    before = len(await world.rows(MESSAGES, device.account))
    assert (await post(device, text)).status_code == 200
    again = await pen.written()
    assert (again.mutations, again.changed_at) == (first.mutations, first.changed_at)
    assert len(await world.rows(MESSAGES, device.account)) == before
    await device.assert_equals_server()


async def test_a_posted_write_is_refused_like_any_other(world: World) -> None:
    device = await connected(world)
    pen = Pen(device)
    frame = pen.frame({MESSAGES: [pen.message(pen.chat["id"], version=7)], Collection.CHATS: [pen.touched()]})
    assert (await post(device, codec.write_device_frame(frame))).status_code == 200
    assert (await pen.refused()).mutations == frame.mutations


async def test_there_has_to_be_a_connection_that_has_said_hello(world: World) -> None:
    device = await connected(world)
    ping = codec.write_device_frame(Ping())
    for name in ("", "another"):
        answer = await post(device, ping, name)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-connection")
    await device.socket.close()
    assert (await post(device, ping)).status_code == 404
    silent = await world.sign_in()
    await silent.connect_silently()
    assert (await post(silent, ping)).status_code == 404


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("no frame", 400),
        (json.dumps({"v": 1, "event": "nothing"}), 400),
        (codec.write_device_frame(Hello(device_id="twice")), 400),
        (json.dumps({"v": 2, "event": "ping"}), 400),
    ],
)
async def test_what_is_wrong_with_a_frame_ends_its_connection(world: World, text: str, status: int) -> None:
    device = await connected(world)
    answer = await post(device, text)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "bad-frame")
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code in (ErrorCode.BAD_FRAME, ErrorCode.VERSION)


async def test_a_frame_is_as_long_as_the_longest_record_and_what_goes_with_it(world: World) -> None:
    device = await connected(world)
    most = world.services.records.max_record_chars + codec.MAX_DEVICE_FRAME_CHARS
    ping = codec.write_device_frame(Ping())
    assert (await post(device, ping.ljust(most))).status_code == 200
    assert isinstance(await device.take(), Pong)
    assert (await post(device, ping.ljust(most + 2))).status_code == 413
    assert (await post(device, "\xff")).status_code == 400


async def test_a_disk_that_does_not_answer_ends_the_connection_and_the_write_is_repeated(world: World) -> None:
    device = await connected(world)
    pen = Pen(device)
    frame = codec.write_device_frame(pen.frame(pen.say()))
    await world.control("faults", {"directus_status": 401})
    assert (await post(device, frame)).status_code == 404
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.BUSY
    await world.control("faults", {})
    await device.connect()
    await device.take_until(UpToDate)
    assert (await post(device, frame)).status_code == 200
    await pen.written()
    await device.assert_equals_server()


async def test_few_are_read_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "MAX_AT_ONCE", 0)
    device = await connected(world)
    answer = await post(device, codec.write_device_frame(Ping()))
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")


async def test_the_longest_record_is_told_with_the_time(world: World) -> None:
    device = await connected(world)
    device.socket.send(Ping())
    pong = await device.take()
    assert isinstance(pong, Pong)
    assert pong.max_record_chars == 999_500
