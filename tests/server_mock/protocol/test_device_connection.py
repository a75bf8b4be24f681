"""One connection: who may open it, what a device may say on it, and when it ends."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Ack, ChatOpened, Hello, Ping, Refetch, Want
from hearth.core.protocol.server_events import (
    Changes,
    ErrorCode,
    Pong,
    Refetched,
    ServerError,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.protocol import channel, connection_registry, delta, device_connection
from tests.server_mock.polled_socket import PolledSocket
from tests.server_mock.world import (
    EMAIL,
    HOST,
    ORIGIN,
    PASSWORD,
    DeviceSocket,
    Refused,
    World,
    a_world,
    warm,
)

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture(params=[DeviceSocket, PolledSocket], ids=["websocket", "polled"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(transport=request.param) as world:
        await world.seed(chats=5)
        yield world


@pytest.mark.parametrize(
    "changed",
    [
        {"Cookie": ""},
        {"Cookie": "hearth_session=forged"},
        {"Cookie": "hearth_session="},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"{ORIGIN}:81"},
        {"Origin": f"http://evil.{HOST}"},
        {"Host": ""},
    ],
)
async def test_the_handshake_is_refused(world: World, changed: dict[str, str]) -> None:
    device = await world.sign_in()
    headers = {name: value for name, value in {**device.headers(), **changed}.items() if value}
    with pytest.raises(Refused):
        await DeviceSocket(world.app, headers).open()


async def test_the_same_handshake_is_accepted_otherwise(world: World) -> None:
    device = await world.sign_in()
    await device.connect_silently()


async def test_no_more_connections_than_fit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_registry.Hub, "full", property(lambda _hub: True))
    device = await world.sign_in()
    with pytest.raises(Refused):
        await device.connect_silently()


HELLO = {"v": 1, "event": "hello", "device_id": "device"}


@pytest.mark.parametrize(
    ("text", "code", "close"),
    [
        ("", ErrorCode.BAD_FRAME, 1007),
        ("{", ErrorCode.BAD_FRAME, 1007),
        ("[" * 60_000, ErrorCode.BAD_FRAME, 1007),
        ("[]", ErrorCode.BAD_FRAME, 1007),
        ("null", ErrorCode.BAD_FRAME, 1007),
        (json.dumps({**HELLO, "device_id": 5}), ErrorCode.BAD_FRAME, 1007),
        (json.dumps({**HELLO, "have": []}), ErrorCode.BAD_FRAME, 1007),
        (json.dumps({**HELLO, "have": {"x": -1}}), ErrorCode.BAD_FRAME, 1007),
        (json.dumps({**HELLO, "since": "x" * 65}), ErrorCode.BAD_FRAME, 1007),
        (json.dumps({"v": 1, "event": "hello"}), ErrorCode.BAD_FRAME, 1007),
        (json.dumps({"v": 1, "event": "ping"}), ErrorCode.BAD_FRAME, 1007),
        (json.dumps({"v": 1, "event": "shout"}), ErrorCode.BAD_FRAME, 1008),
        (json.dumps({**HELLO, "v": 2}), ErrorCode.VERSION, 1008),
        (json.dumps({**HELLO, "v": None}), ErrorCode.VERSION, 1008),
        (json.dumps({**HELLO, "device_id": "x" * codec.MAX_DEVICE_FRAME_CHARS}), ErrorCode.BAD_FRAME, 1009),
    ],
)
async def test_bad_first_frames(world: World, text: str, code: ErrorCode, close: int) -> None:
    device = await world.sign_in()
    await device.connect_silently()
    device.socket.send_text(text)
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is code
    assert error.message.endswith(".")
    assert await device.socket.closed() == close


async def test_a_binary_frame_is_refused(world: World) -> None:
    device = await warm(world)
    device.socket.send_bytes(b"hello")
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.message == channel.NOT_TEXT
    assert await device.socket.closed() == 1007


async def test_hello_is_said_once(world: World) -> None:
    device = await warm(world)
    device.socket.send(device.hello())
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.message == device_connection.TWICE
    assert await device.socket.closed() == 1007


async def test_a_ping_is_answered(world: World) -> None:
    device = await warm(world)
    device.socket.send(Ping())
    assert isinstance(await device.take(), Pong)
    device.socket.send(Ack(stamp=device.cursor or ""))
    await device.settled()


async def test_a_ping_finds_out_that_the_session_is_over(world: World) -> None:
    device = await warm(world)
    world.time.now_s += 25 * 3600
    device.socket.send(Ping())
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.SESSION
    assert await device.socket.closed() == 4401


async def test_a_silent_device_is_gone() -> None:
    async with a_world(idle_s=0.01) as world:
        await world.seed(chats=1)
        device = await world.sign_in()
        await device.connect()
        assert await device.socket.closed() == 1000


async def test_a_record_is_refetched(world: World) -> None:
    device = await warm(world)
    for collection in Collection:
        row = next(iter(device.records(collection).values()))
        device.socket.send(Refetch(collection=collection, record_id=row["id"]))
        event, records = await device.socket.receive()
        assert isinstance(event, Refetched)
        assert (event.collection, event.record_id) == (collection, row["id"])
        assert records == {collection: [row]}


async def test_a_record_that_is_not_there_is_refetched_as_none(world: World) -> None:
    device = await warm(world)
    for record_id in ("00000000-0000-4000-8000-000000000000", "../users", "?", "%2e"):
        device.socket.send(Refetch(collection=CHATS, record_id=record_id))
        event = await device.take()
        assert isinstance(event, Refetched)
        assert event.counts == {}


async def test_somebody_elses_ids_give_nothing(world: World) -> None:
    await world.seed(chats=3, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    owner = await warm(world)
    chat = next(iter(owner.records(CHATS)))
    others = {collection: list(owner.records(collection)) for collection in Collection}
    thief = await world.sign_in(GUEST_EMAIL, GUEST_PASSWORD)
    await thief.connect()
    await thief.take_until(WarmingComplete)
    for collection, ids in others.items():
        thief.socket.send(Refetch(collection=collection, record_id=ids[0]))
        event = await thief.take()
        assert isinstance(event, Refetched)
        assert event.counts == {}
    thief.socket.send(Want(chat_id=chat))
    thief.socket.send(ChatOpened(chat_id=chat))
    await thief.settled()
    await world.services.last_opened.settled()
    assert (await world.account(1))["last_opened"] != chat
    assert len(thief.events) == len(Collection) + len([e for e in thief.events if not isinstance(e, Refetched)])
    await thief.disconnect()
    # Neither does the thief's hello, whatever it claims to have.
    await thief.connect_silently()
    have = dict.fromkeys(others[CHATS], 1)
    thief.socket.send(Hello(device_id="thief", have=have))
    await thief.take_until(WarmingComplete)
    await thief.assert_equals_server()
    everything = "".join(text for text in thief.socket.texts)
    assert not [each for each in (*others[CHATS], *others[MESSAGES]) if each in everything]


async def test_directus_away_is_told_and_the_connection_ends(world: World) -> None:
    device = await warm(world)
    await world.control("faults", {"directus_status": 401})
    device.socket.send(Refetch(collection=CHATS, record_id=next(iter(device.records(CHATS)))))
    error = await device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.BUSY
    assert await device.socket.closed() == 1013


async def test_a_failure_of_our_own_ends_the_connection_and_is_logged(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(delta, "read_chat", broken)
    device = await warm(world)
    device.socket.send(Want(chat_id="any"))
    assert await device.socket.closed() == 1011
    assert "a bug" in caplog.text


async def test_wanting_nonsense_gives_nothing(world: World) -> None:
    device = await warm(world)
    for number in range(device_connection.MAX_WANTS + 50):
        device.socket.send(Want(chat_id=f"no-such-chat-{number}"))
    device.socket.send(Ping())
    await device.settled()
    assert [type(event) for event in device.events][-1] is Pong
    assert not [event for event in device.events if isinstance(event, Changes)]


async def test_a_device_may_leave_at_any_moment(world: World) -> None:
    devices = [await world.sign_in() for _ in range(6)]
    for frames, device in enumerate(devices):
        await device.connect()
        for _ in range(frames):
            if device.cursor is None:
                await device.take()
        await device.disconnect()
    assert not world.services.states.of(devices[0].account).listeners


async def test_the_log_tells_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    device = await warm(world)
    await world.control("faults", {"directus_status": 503})
    device.socket.send(Refetch(collection=CHATS, record_id=next(iter(device.records(CHATS)))))
    await device.socket.closed()
    await world.http.post("/api/sign-in", json={"email": EMAIL, "lookup_hash": "0" * 64})
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("server_mock"))
    secrets = [EMAIL, PASSWORD, device.token, device.account, *device.records(CHATS), "0" * 64]
    secrets += [row["title"] for row in device.records(CHATS).values()]
    assert ours
    assert not [secret for secret in secrets if secret in ours]


async def test_nothing_readable_travels(world: World) -> None:
    await world.change(add_chat={"title": "marker-title", "messages": ["marker-message"]})
    await world.change(set_draft={"text": "marker-draft"})
    await world.change(set_setting={"app": "marker-app", "name": "marker-name", "value": "marker-value"})
    device = await warm(world)
    opened = json.dumps({name.value: texts for name, texts in device.open_all().items()})
    for part in ("title", "message", "draft", "app", "name", "value"):
        assert f"marker-{part}" in opened
    assert "marker" not in "".join(device.socket.texts)
    assert "marker" not in json.dumps(world.log())
