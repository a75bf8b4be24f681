"""Freshness: what a device that comes back costs, and that it ends up equal to the server whatever happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.core.protocol.device_events import Hello, Want
from hearth.core.protocol.server_events import Changes, FirstChatReady, RecentChatsReady, UpToDate, WarmingComplete
from hearth.core.records.schema import Collection
from server_mock.protocol import change_log, delta, warming
from server_mock.protocol.change_log import Change, Stamps, UserState, UserStates
from server_mock.protocol.packing import Rendered, Unit
from tests.server_mock.world import Device, World, a_world, chat_requests

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


async def warm(world: World) -> Device:
    """A device that is warm and has left."""
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    await device.disconnect()
    world.services.client.log.reset()
    return device


async def test_nothing_new_costs_nothing(world: World) -> None:
    await world.seed()
    device = await warm(world)
    cursor, before = device.cursor, world.requests.count
    await device.connect()
    event = await device.take()
    assert isinstance(event, UpToDate)
    assert event.stamp == cursor
    assert world.requests.count == before
    assert world.log() == []


async def test_nothing_new_costs_nothing_hours_later(world: World) -> None:
    await world.seed()
    device = await warm(world)
    world.time.now_s += 12 * 3600
    before = world.requests.count
    await device.connect()
    assert isinstance(await device.take(), UpToDate)
    assert world.requests.count == before


async def test_a_changed_chat_and_a_deletion_cost_three_requests(world: World) -> None:
    await world.seed(chats=12)
    device = await warm(world)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    await world.change(add_message={"chat_id": chats[4], "text": "a new one"})
    await world.change(delete_chat=chats[6])
    await world.change(set_setting={"app": "Mail", "name": "Signature", "value": "M."})
    await device.connect()
    event = await device.take()
    assert isinstance(event, Changes)
    log = world.log()
    assert len(log) == 3
    assert len(chat_requests(log)) == 2
    assert event.counts == {CHATS: 2, MESSAGES: 1, SETTINGS: 4}, "with the manifest and its shards"
    await device.assert_equals_server()
    assert {"a new one", "M."} <= {part for each in device.open_all().values() for part in each} | {
        "M." for text in device.open_all()[SETTINGS] if '"M."' in text
    }


async def test_deletions_come_first(world: World) -> None:
    await world.seed(chats=3)
    device = await warm(world)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    await world.change(rename_chat={"chat_id": chats[0], "title": "renamed"})
    await world.change(delete_chat=chats[1])
    await device.connect_silently()
    device.socket.send(device.hello())
    _event, records = await device.socket.receive()
    assert [row["id"] for row in records[CHATS]] == [chats[1], chats[0]]
    assert records[CHATS][0]["title"] is None


async def test_after_a_restart_directus_is_asked_once(world: World) -> None:
    await world.seed()
    device = await warm(world)
    await world.restart()
    await device.connect()
    assert isinstance(await device.take(), UpToDate)
    assert len(world.log()) == 2
    await device.disconnect()
    world.services.client.log.reset()
    await device.connect()
    assert isinstance(await device.take(), UpToDate)
    assert world.log() == []


async def test_after_a_restart_changes_are_found(world: World) -> None:
    await world.seed()
    device = await warm(world)
    await world.change(add_chat={"title": "before the restart", "messages": ["one", "two"]})
    await world.restart()
    await device.connect()
    event = await device.take()
    assert isinstance(event, Changes)
    assert len(event.complete) == 1
    await device.assert_equals_server()


@pytest.mark.parametrize("since", ["", "x", "-", "1-2", "{epoch}-", "{epoch}--5", "{epoch}-1e3", "{epoch}-٣", "9" * 64])
async def test_a_cursor_that_cannot_be_read_means_warming(world: World, since: str) -> None:
    await world.seed()
    device = await warm(world)
    assert device.cursor is not None
    device.cursor = since.replace("{epoch}", device.cursor.partition("-")[0]) or "?"
    await device.connect()
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()


@pytest.mark.parametrize("age_ms", [-3_600_000, delta.TOMBSTONE_RETENTION_MS + 1000])
async def test_a_cursor_of_the_future_or_too_old_means_warming(world: World, age_ms: int) -> None:
    await world.seed()
    device = await warm(world)
    gone = (await world.account())["chats"][1]["id"]
    await world.change(delete_chat=gone)
    world.time.now_s += 7200
    device.cursor = world.services.stamps.text(int(world.time() * 1000) - age_ms)
    await device.connect()
    first = await device.take()
    assert isinstance(first, FirstChatReady)
    await device.take_until(WarmingComplete)
    assert gone not in device.records(CHATS)
    await device.assert_equals_server()


async def test_a_cursor_of_another_disk_means_warming(world: World) -> None:
    await world.seed()
    device = await warm(world)
    world.secret = b"another secret"
    await world.restart()
    await device.connect()
    assert isinstance(await device.take(), FirstChatReady)


async def test_more_than_a_delta_holds_means_warming(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "MAX_DELTA_CHATS", 2)
    await world.seed(chats=6)
    device = await warm(world)
    for chat in (await world.account())["chats"][:3]:
        await world.change(rename_chat={"chat_id": chat["id"], "title": "renamed"})
    await device.connect()
    assert isinstance(await device.take(), FirstChatReady)
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()


async def test_warmed_again_a_device_hears_what_changed_in_the_chats_that_the_warming_leaves_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "MAX_DELTA_CHATS", 2)
    await world.seed(chats=6)
    device = await warm(world)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    renamed = chats[-1]
    await world.change(rename_chat={"chat_id": renamed, "title": "renamed"})
    for chat in chats[:2]:
        await world.change(add_message={"chat_id": chat, "text": "newer"})
    # What was changed first is not among the two that the warming brings, and `have` of a current device is empty.
    monkeypatch.setattr(warming, "CHATS", 2)
    assert device.hello().have == {}
    await device.connect()
    assert isinstance(await device.take(), FirstChatReady)
    await device.take_until(WarmingComplete)
    assert device.records(CHATS)[renamed]["version"] == 2
    await device.assert_equals_server()


async def test_a_change_is_pushed_without_any_request(world: World) -> None:
    await world.seed()
    one, other = await warm(world), await warm(world)
    for device in (one, other):
        await device.connect()
        await device.take_until(UpToDate)
    before = world.requests.count
    touched = await world.change(add_message={"text": "to everybody"})
    for device in (one, other):
        event = await device.take()
        assert isinstance(event, Changes)
        assert event.counts == {CHATS: 1, MESSAGES: 1, SETTINGS: 2}, "with the manifest and a shard"
        assert touched["messages"][0] in device.records(MESSAGES)
        await device.assert_equals_server()
    assert world.requests.count == before
    assert one.cursor == other.cursor


async def test_the_device_that_makes_a_change_only_moves_on(world: World) -> None:
    await world.seed()
    writer, reader = await warm(world), await warm(world)
    await writer.connect("writer")
    await reader.connect("reader")
    for device in (writer, reader):
        await device.take_until(UpToDate)
    await world.change(add_message={"text": "mine"}, device_id="writer")
    for device, counts in ((writer, {}), (reader, {CHATS: 1, MESSAGES: 1, SETTINGS: 2})):
        event = await device.take()
        assert isinstance(event, Changes)
        assert event.counts == counts
    assert writer.cursor == reader.cursor


async def test_every_change_is_pushed_in_order(world: World) -> None:
    await world.seed(chats=5)
    device = await warm(world)
    await device.connect()
    await device.take_until(UpToDate)
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    await world.change(
        add_message={"chat_id": chats[0], "text": "one"},
        rename_chat={"chat_id": chats[1], "title": "two"},
        set_draft={"chat_id": chats[2], "text": "three"},
        delete_chat=chats[3],
        add_chat={"title": "four", "messages": ["five"]},
        set_setting={"app": "Tides", "name": "Harbour", "value": "Genoa"},
        delete_setting={"app": "Mail", "name": "Signature"},
    )
    for _ in range(7):
        assert isinstance(await device.take(), Changes)
    await device.assert_equals_server()
    assert {"one", "two", "three", "four", "five"} <= {text for each in device.open_all().values() for text in each}


async def test_a_device_that_is_slow_catches_up_from_directus(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_JOURNAL_ENTRIES", 2)
    await world.seed()
    device = await warm(world)
    await device.connect()
    await device.take_until(UpToDate)
    await world.control("faults", {"stall_after": "changes"})
    for number in range(6):
        await world.change(rename_chat={"title": f"title {number}"})
    await device.take()
    await world.control("faults", {})
    await device.take_until(Changes)
    await device.settled()
    await device.assert_equals_server()
    assert "title 5" in device.open_all()[CHATS]


async def test_wanting_a_chat_beyond_the_hundred(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "CHATS", 4)
    await world.seed(chats=6)
    device = await warm(world)
    old = (await world.account())["chats"][5]["id"]
    await device.connect()
    await device.take_until(UpToDate)
    await world.change(add_message={"chat_id": old, "text": "it lives"})
    event = await device.take_until(Changes)
    assert isinstance(event, Changes)
    # Its older messages are not here: it does not count as complete.
    assert old in device.records(CHATS)
    assert event.complete == {}
    device.socket.send(Want(chat_id=old))
    wanted = await device.take()
    assert isinstance(wanted, Changes)
    assert wanted.since == wanted.stamp == device.cursor
    assert set(wanted.complete) == {old}
    expected = next(chat for chat in (await world.account())["chats"] if chat["id"] == old)
    assert {row["id"] for row in device.records(MESSAGES).values() if row["chat_id"] == old} == set(
        expected["messages"]
    )


async def test_a_resumed_device_that_knows_only_titles_learns_of_their_deletion(world: World) -> None:
    await world.seed(chats=30)
    gate = world.requests.hold('"_in"')
    device = await world.sign_in()
    await device.connect()
    await device.take_until(RecentChatsReady)
    await device.disconnect()
    gate.set()
    assert len(device.complete) == 1
    gone = (await world.account())["chats"][20]["id"]
    await world.change(delete_chat=gone)
    # `have` names complete chats alone: the other titles are not mentioned.
    await device.connect_silently()
    device.socket.send(Hello(device_id="device", have=device.complete))
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()


async def test_a_device_that_holds_very_many_chats_is_told_of_all_of_them_in_short_requests(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "IDS_AT_ONCE", 3)
    await world.seed(chats=12)
    device = await warm(world)
    device.cursor = None
    for chat in list(device.records(CHATS))[:10]:
        await world.change(add_message={"chat_id": chat, "text": "newer"})
    await world.change(delete_chat=max(device.records(CHATS)))
    monkeypatch.setattr(warming, "CHATS", 1)
    await device.connect()
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()
    asked = [sum(chat in str(each["query"]) for chat in device.tables[CHATS]) for each in world.reads()]
    assert max(asked) == 3, "ids of one request"


CHANGES = (
    "add_message",
    "delete_message",
    "add_chat",
    "rename_chat",
    "pin_chat",
    "delete_chat",
    "set_draft",
    "set_setting",
    "delete_setting",
)
STEPS = st.one_of(
    st.tuples(st.just("change"), st.sampled_from(CHANGES), st.integers(0, 5)),
    st.tuples(st.just("connect"), st.integers(0, 1), st.integers(0, 8)),
    st.tuples(st.just("disconnect"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("restart"), st.just(0), st.just(0)),
    st.tuples(st.just("pass"), st.integers(0, 40_000), st.just(0)),
)


class History:
    """Two devices, changes, restarts, and connections that break at any point."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.devices: list[Device] = []
        self.connected: set[int] = set()
        self.count = 0

    async def run(self, steps: list[tuple[str, Any, int]]) -> None:
        await self.world.seed(chats=6, messages=2)
        self.devices = [await self.world.sign_in() for _ in range(2)]
        for name, what, number in steps:
            await getattr(self, f"_{name}")(what, number)
        for number in range(2):
            await self._disconnect(number, 0)
            device = self.devices[number]
            await device.connect()
            await device.synchronised()
            await device.settled()

    async def _change(self, name: str, number: int) -> None:
        described = (await self.world.account())["chats"]
        chats = [chat["id"] for chat in described]
        messages = [message for chat in described for message in chat["messages"]]
        self.count += 1
        text = f"text {self.count}"
        chat = chats[number % len(chats)] if chats else None
        special: dict[str, dict[str, Any]] = {
            "add_chat": {"title": text, "messages": [text]},
            "set_setting": {"app": "Mail", "name": f"entry {number % 3}", "value": text},
            "delete_setting": {"app": "Mail", "name": f"entry {number % 3}"},
            "delete_message": {"message_id": messages[number] if number < len(messages) else "none"},
            "pin_chat": {"chat_id": chat, "pinned": bool(self.count % 2)},
        }
        fields = special.get(name, {"chat_id": chat, "text": text, "title": text})
        response = await self.world.http.post("/control/changes", json={name: fields})
        assert response.status_code in (200, 400)

    async def _connect(self, which: int, frames: int) -> None:
        if which in self.connected:
            return
        self.connected.add(which)
        device = self.devices[which]
        await device.connect(f"device {which}")
        for _ in range(frames):
            if device.cursor is not None and device.socket.nothing_is_waiting():
                break
            await device.take()

    async def _disconnect(self, which: int, _number: int) -> None:
        if which in self.connected:
            self.connected.discard(which)
            await self.devices[which].disconnect()

    async def _restart(self, _what: int, _number: int) -> None:
        for which in list(self.connected):
            await self._disconnect(which, 0)
        await self.world.restart()

    async def _pass(self, milliseconds: int, _number: int) -> None:
        self.world.time.now_s += milliseconds / 1000


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_whatever_happens_a_device_ends_up_equal_to_the_server(steps: list[tuple[str, Any, int]]) -> None:
    async def play() -> None:
        async with a_world() as world:
            history = History(world)
            await history.run(steps)
            for device in history.devices:
                await device.assert_equals_server()
                device.open_all()

    asyncio.run(play())


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_beyond_the_limit_what_counts_as_complete_is_complete(steps: list[tuple[str, Any, int]]) -> None:
    async def play() -> None:
        async with a_world() as world:
            history = History(world)
            await history.run(steps)
            account = history.devices[0].account
            on_server: dict[str, set[str]] = {row["id"]: set() for row in await world.rows(CHATS, account)}
            for row in await world.rows(MESSAGES, account):
                on_server[row["chat_id"]].add(row["id"])
            for device in history.devices:
                here = device.records(CHATS)
                assert set(here) <= set(on_server)
                messages = device.records(MESSAGES).values()
                for chat in set(device.complete) & set(here):
                    assert {row["id"] for row in messages if row["chat_id"] == chat} == on_server[chat]

    limits = warming.CHATS, warming.RECENT
    warming.CHATS, warming.RECENT = 4, 2
    try:
        asyncio.run(play())
    finally:
        warming.CHATS, warming.RECENT = limits


def test_stamps_are_read_back() -> None:
    stamps = Stamps(b"secret")
    assert stamps.parse(stamps.text(1_800_000_000_123)) == 1_800_000_000_123
    assert Stamps(b"another").parse(stamps.text(5)) is None
    assert stamps.parse(stamps.text(2**53)) is None


async def test_a_clock_that_stands_still_or_goes_back_gives_higher_stamps() -> None:
    now = [1000]
    state = UserState(lambda: now[0])
    given_out = [state.next_stamp() for _ in range(3)]
    now[0] = 500
    given_out.append(await state.begin_read())
    now[0] = 2000
    given_out.append(state.next_stamp())
    assert given_out == [1000, 1001, 1002, 1003, 2000]


def test_the_journal_is_bounded_in_characters() -> None:
    state = UserState(lambda: 1)
    record = Rendered(CHATS, "id", "x" * (change_log.MAX_JOURNAL_CHARS // 2))
    for stamp in (1, 2, 3):
        state.publish(Change(stamp, [Unit([record])]))
    assert state.changes_after(0) is None
    assert [change.stamp for change in state.changes_after(2) or ()] == [3]


async def test_idle_users_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_USERS", 2)
    states = UserStates(lambda: 1)
    listened = states.of("listened")
    listened.listeners.add(asyncio.Event())
    forgotten = states.of("forgotten")
    states.of("third")
    assert states.of("listened") is listened
    assert states.of("forgotten") is not forgotten


def test_known_chats_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_KNOWN_CHATS", 3)
    state = UserState(lambda: 1)
    for number in range(10):
        state.learn_chats([str(number)])
    assert len(state.chat_ids) <= 4
    assert "9" in state.chat_ids
