"""Every fault that tests can ask for does what its name says, as often as it was asked for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Ping as PingFrame
from hearth.core.protocol.device_events import Refetch
from hearth.core.protocol.server_events import Changes, EventName, Pong, Refusal, WarmingComplete
from hearth.core.records.schema import Collection
from server_mock.testing.faults import BadFault, Faults, FaultyFrameOrder
from tests.server_mock.world import Device, World, a_world, warm
from tests.server_mock.writing import Pen

CHATS, MESSAGES, SETTINGS = Collection
BOUNDARIES = (
    EventName.FIRST_CHAT_READY,
    EventName.RECENT_CHATS_READY,
    EventName.SETTINGS_AND_MEMORIES_READY,
    EventName.REMAINING_CHATS_READY,
    EventName.WARMING_COMPLETE,
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=30)
        yield world


@pytest.mark.parametrize("event", BOUNDARIES)
async def test_the_socket_drops_after_an_event_once(world: World, event: EventName) -> None:
    await world.control("faults", {"drop_socket_after": event.value})
    device = await world.sign_in()
    await device.connect()
    while device.socket.texts == [] or device.events[-1].name is not event or not ended(device):
        await device.take()
    assert await device.socket.closed() == 1012
    assert device.events[-1].name is event
    await device.connect()
    await device.synchronised()
    await device.assert_equals_server()


def ended(device: Device) -> bool:
    last = device.events[-1]
    return getattr(last, "batch", 1) == getattr(last, "of", 1)


async def test_the_socket_drops_after_changes(world: World) -> None:
    device = await warm(world)
    await world.control("faults", {"drop_socket_after": "changes", "times": 2})
    for number in range(3):
        await world.change(rename_chat={"title": f"title {number}"})
        if number < 2:
            assert await device.socket.closed() == 1012
            await device.connect()
    await device.synchronised()
    assert "title 2" in device.open_all()[CHATS]


async def test_events_come_twice(world: World) -> None:
    await world.control("faults", {"duplicate_events": True})
    device = await world.sign_in()
    await device.connect()
    seen = [await device.socket.text() for _ in range(6)]
    assert seen[0::2] == seen[1::2]
    assert [json.loads(text)["seq"] for text in seen] == [1, 1, 2, 2, 3, 3]


async def test_events_change_places_and_none_is_lost(world: World) -> None:
    await world.control("faults", {"reorder_events": True})
    device = await world.sign_in()
    await device.connect()
    names: dict[int, str] = {}
    while "warming_complete" not in names.values() or max(names) != len(names):
        frame = json.loads(await device.socket.text())
        names[frame["seq"]] = frame["event"]
    assert list(names)[:4] == [2, 1, 4, 3]
    assert sorted(names) == list(range(1, len(names) + 1))


def test_a_frame_without_a_neighbour_goes_out_all_the_same() -> None:
    faults = Faults()
    faults.apply({"reorder_events": True})
    order = FaultyFrameOrder(faults)
    assert order.pass_on("one") == []
    assert order.pass_on("two") == ["two", "one"]
    assert order.pass_on("three") == []
    assert order.flush() == ["three"]
    assert order.flush() == []


async def test_a_message_is_corrupted_until_the_fault_is_gone(world: World) -> None:
    account = await world.account()
    chat = next(chat for chat in account["chats"] if chat["id"] == account["last_opened"])
    message = chat["messages"][-1]
    await world.control("faults", {"corrupt_message": message})
    device = await warm(world)
    assert faults_of(device) == [{"content": "damaged"}]
    device.socket.send(Refetch(collection=MESSAGES, record_id=message))
    _event, records = await device.socket.receive()
    assert device.keyring.open_records_now(MESSAGES, records[MESSAGES])[0]["faults"]
    await world.control("faults", {})
    device.socket.send(Refetch(collection=MESSAGES, record_id=message))
    _event, records = await device.socket.receive()
    assert not device.keyring.open_records_now(MESSAGES, records[MESSAGES])[0]["faults"]


async def test_a_message_is_corrupted_once(world: World) -> None:
    message = (await world.account())["chats"][0]["messages"][0]
    await world.control("faults", {"corrupt_message": message, "once": True})
    device = await warm(world)
    assert faults_of(device) == [{"content": "damaged"}]
    device.socket.send(Refetch(collection=MESSAGES, record_id=message))
    _event, records = await device.socket.receive()
    assert not device.keyring.open_records_now(MESSAGES, records[MESSAGES])[0]["faults"]


def faults_of(device: Device) -> list[dict[str, str]]:
    device.keyring.open_records_now(CHATS, list(device.records(CHATS).values()))
    opened = device.keyring.open_records_now(MESSAGES, list(device.records(MESSAGES).values()))
    return [each["faults"] for each in opened if each["faults"]]


async def test_an_oversized_frame_comes_after_hello(world: World) -> None:
    size = codec.MAX_FRAME_CHARS + 1
    await world.control("faults", {"frame_bytes": size})
    device = await world.sign_in()
    await device.connect()
    text = await device.socket.text()
    assert len(text) == size
    assert json.loads(text)["seq"] == 1
    assert json.loads(await device.socket.text())["seq"] == 2
    await device.disconnect()
    await device.connect()
    await device.take_until(WarmingComplete)


async def test_a_raw_frame_comes_after_hello(world: World) -> None:
    await world.control("faults", {"raw_frame": '{"v": 1, "event": "surprise", "seq": 1}'})
    device = await world.sign_in()
    await device.connect()
    assert await device.socket.text() == '{"v": 1, "event": "surprise", "seq": 1}'
    await device.take_until(WarmingComplete)


async def test_the_server_stalls_until_the_fault_is_gone(world: World) -> None:
    await world.control("faults", {"stall_after": "recent_chats_ready"})
    device = await world.sign_in()
    await device.connect()
    while device.names() != ["first_chat_ready", "recent_chats_ready"] or not ended(device):
        await device.take()
    await device.settled()
    device.socket.send(PingFrame())
    assert isinstance(await device.take(), Pong)
    await device.settled()
    assert device.names() == ["first_chat_ready", "recent_chats_ready", "pong"]
    await world.control("faults", {})
    await device.take_until(WarmingComplete)


async def test_directus_answers_slowly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await world.lookup_hash()
    await world.control("faults", {"directus_latency_ms": 2000})
    monkeypatch.setattr("server_mock.testing.faults.asyncio.sleep", sleep)
    await world.sign_in()
    warming = world.services.warmings.find((await world.account())["account"])
    assert warming is not None
    await warming.remaining()
    assert waits.count(2.0) == 5


async def test_directus_refuses_the_token(world: World) -> None:
    await (await (await world.sign_in()).connect()).take_until(WarmingComplete)
    device = await world.sign_in()
    world.services.warmings.clear()
    await world.control("faults", {"directus_status": 401, "times": 1})
    await device.connect()
    assert await device.socket.closed() == 1013
    await device.connect()
    await device.take_until(WarmingComplete)


@pytest.mark.parametrize(("status", "expected"), [(503, 503), (500, 500), (429, 429)])
async def test_signing_in_fails(world: World, status: int, expected: int) -> None:
    await world.control("faults", {"sign_in_status": status, "times": 1})
    response = await world.http.post("/api/challenge", json={"email": "x"})
    assert response.status_code == expected
    assert response.json()["error"]["message"]
    assert ("retry-after" in response.headers) is (status == 429)
    assert (await world.http.post("/api/challenge", json={"email": "x"})).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"no_such_fault": True},
        {"drop_socket_after": "nothing"},
        {"drop_socket_after": True},
        {"drop_socket_after": ["changes"]},
        {"duplicate_events": 1},
        {"corrupt_message": 5},
        {"frame_bytes": 10**12},
        {"frame_bytes": True},
        {"directus_status": 200},
        {"directus_status": "503"},
        {"directus_latency_ms": -1},
        {"directus_status": 503, "times": 0},
        {"directus_status": 503, "times": "2"},
    ],
)
async def test_bad_faults_change_nothing(world: World, body: dict[str, object]) -> None:
    await world.control("faults", {"duplicate_events": True})
    response = await world.http.post("/control/faults", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["message"].endswith(".")
    assert world.faults.duplicate_events
    with pytest.raises(BadFault):
        Faults().apply(body)


async def test_setting_faults_takes_the_others_back(world: World) -> None:
    await world.control("faults", {"duplicate_events": True})
    await world.control("faults", {"directus_status": 503})
    assert not world.faults.duplicate_events
    await world.control("reset", {})
    assert world.faults.directus_status is None


async def test_no_fault_no_difference(world: World) -> None:
    device = await warm(world)
    await world.change(rename_chat={"title": "renamed"})
    await device.take_until(Changes)
    await device.assert_equals_server()


async def test_a_write_that_is_only_said_to_be_written(world: World) -> None:
    device = await (await (await world.sign_in()).connect()).synchronised()
    pen = Pen(device)
    await world.control("faults", {"withhold_write": True, "times": 1})
    before = await world.rows(Collection.MESSAGES, device.account)
    written = await pen.write(pen.say("never stored"))
    assert written.since == written.stamp
    assert await world.rows(Collection.MESSAGES, device.account) == before
    pen.send(pen.say("the next one"))
    # It follows on a version that the disk never had.
    assert (await pen.refused()).reason is Refusal.MOVED_ON


async def test_a_disk_that_lies_knows_what_was_before_a_devices_write(world: World) -> None:
    device = await (await (await world.sign_in()).connect()).synchronised()
    pen = Pen(device)
    before = dict(pen.chat)
    records = pen.say("rolled back")
    await pen.write(records)
    await world.control("faults", {"rollback_chat": before["id"]})
    other = await (await (await world.sign_in()).connect()).synchronised()
    assert other.tables[Collection.CHATS][before["id"]] == before
    assert records[Collection.MESSAGES][0]["id"] not in other.tables[Collection.MESSAGES]
