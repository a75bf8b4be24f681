"""What a warming sends: in the protocol's order, bounded, and nothing that the device has already."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Want
from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    RecentChatsReady,
    RecordsEvent,
    RemainingChatsReady,
    SettingsAndMemoriesReady,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from tests.server_mock.world import Device, World, a_world

CHATS, MESSAGES, SETTINGS = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


def of_kind(device: Device, kind: type[RecordsEvent]) -> list[RecordsEvent]:
    return [event for event in device.events if isinstance(event, kind)]


async def test_the_first_chat_does_not_wait_for_the_others(world: World) -> None:
    await world.seed(chats=12)
    gate = world.requests.hold('"-last_updated"')
    device = await world.sign_in()
    await device.connect()
    first = await device.take()
    assert isinstance(first, FirstChatReady)
    assert first.chat_id is not None
    assert first.complete
    gate.set()
    await device.take_until(WarmingComplete)


async def test_the_list_fills_before_the_messages_are_there(world: World) -> None:
    await world.seed(chats=30)
    gate = world.requests.hold('"_in"')
    device = await world.sign_in()
    await device.connect()
    await device.take()
    listing = await device.take()
    assert isinstance(listing, RecentChatsReady)
    assert len(device.records(CHATS)) == 30
    assert listing.batch < listing.of
    assert listing.complete == {}
    gate.set()
    await device.take_until(WarmingComplete)
    assert of_kind(device, RecentChatsReady)[-1].batch == of_kind(device, RecentChatsReady)[-1].of


async def test_settings_do_not_overtake_the_recent_chats(world: World) -> None:
    await world.seed(chats=30)
    gate = world.requests.hold('"_in"')
    device = await world.sign_in()
    await device.connect()
    warmed = world.services.warmings.find(device.account)
    assert warmed is not None
    await warmed.settings()
    await device.settled()
    assert not of_kind(device, SettingsAndMemoriesReady)
    gate.set()
    await device.take_until(WarmingComplete)
    assert of_kind(device, SettingsAndMemoriesReady)


async def test_what_each_event_brings(world: World) -> None:
    await world.seed(chats=40)
    device = await world.sign_in()
    account = await world.account()
    newest = [chat["id"] for chat in account["chats"]]
    await device.connect()
    await device.take_until(WarmingComplete)
    (first,) = of_kind(device, FirstChatReady)
    assert isinstance(first, FirstChatReady)
    assert first.chat_id == account["last_opened"] == newest[3]
    recent = {chat for event in of_kind(device, RecentChatsReady) for chat in event.complete}
    assert recent == set(newest[:10]) - {newest[3]}
    remaining = {chat for event in of_kind(device, RemainingChatsReady) for chat in event.complete}
    assert remaining == set(newest[10:])
    # Nothing travels twice.
    assert device.sent[MESSAGES] == len(device.tables[MESSAGES])
    assert device.sent[CHATS] == 40


async def test_what_is_on_the_device_does_not_travel_again(world: World) -> None:
    await world.seed(chats=30)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(SettingsAndMemoriesReady)
    await device.disconnect()
    held, had = len(device.tables[MESSAGES]), dict(device.complete)
    await device.connect()
    done = await device.take_until(WarmingComplete)
    assert isinstance(done, WarmingComplete)
    assert set(had) <= {chat for event in device.events if isinstance(event, RecordsEvent) for chat in event.complete}
    assert device.sent[MESSAGES] == len(device.tables[MESSAGES]) - held
    assert device.sent[SETTINGS] == 0
    assert {name: count for name, count in done.sent.items() if count} == {k: v for k, v in device.sent.items() if v}
    await device.assert_equals_server()


async def test_an_interrupted_device_learns_of_deletions_and_changes(world: World) -> None:
    await world.seed(chats=30)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(SettingsAndMemoriesReady)
    await device.disconnect()
    recent = [chat["id"] for chat in (await world.account())["chats"]]
    await world.change(delete_chat=recent[1])
    await world.change(add_message={"chat_id": recent[2], "text": "one more"})
    await world.change(delete_setting={"app": "Mail", "name": "Signature"})
    await device.connect()
    await device.take_until(WarmingComplete)
    await device.assert_equals_server()


async def test_a_held_chat_that_fell_beyond_the_hundred_is_kept_in_step(world: World) -> None:
    await world.seed(chats=100, messages=2)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(RemainingChatsReady)
    await device.disconnect()
    # Held as if an earlier warming had brought all of them; then the last one leaves the hundred, renamed.
    device.complete = {key: row["changed_at"] for key, row in device.tables[CHATS].items()}
    last = (await world.account())["chats"][99]["id"]
    await world.change(rename_chat={"chat_id": last, "title": "renamed"})
    await world.change(add_chat={"title": "a new one", "messages": ["hello"]})
    await device.connect()
    await device.take_until(WarmingComplete)
    assert device.records(CHATS)[last]["version"] == 2


async def test_a_wanted_chat_comes_next(world: World) -> None:
    await world.seed(chats=100, messages=40)
    gate = world.requests.hold('"_in"')
    device = await world.sign_in()
    await device.connect()
    await device.take()
    # Before its messages are there: it is honoured the moment they are.
    wanted = [chat["id"] for chat in (await world.account())["chats"]][-2:]
    device.socket.send(Want(chat_id=wanted[0]))
    device.socket.send(Want(chat_id=wanted[1]))
    await device.settled()
    gate.set()
    await device.take_until(RemainingChatsReady)
    assert wanted[1] in device.complete
    second = await device.take()
    assert wanted[0] in device.complete
    assert isinstance(second, RemainingChatsReady)
    await device.take_until(WarmingComplete)
    last = of_kind(device, RemainingChatsReady)[-1]
    assert last.batch == last.of == len(of_kind(device, RemainingChatsReady))
    assert device.sent[MESSAGES] == len(device.tables[MESSAGES])
    await device.assert_equals_server()


async def test_a_wanted_chat_that_the_warming_does_not_bring_follows_it(world: World) -> None:
    await world.seed(chats=103, messages=4)
    gate = world.requests.hold('"_in"')
    device = await world.sign_in()
    await device.connect()
    await device.take()
    chats = [chat["id"] for chat in (await world.account())["chats"]]
    # One that is beyond the hundred, one that has come already, and one that does not exist.
    for chat in (chats[102], chats[3], "no-such-chat"):
        device.socket.send(Want(chat_id=chat))
    await device.settled()
    gate.set()
    await device.take_until(WarmingComplete)
    assert chats[102] not in device.complete
    wanted = await device.take()
    assert isinstance(wanted, Changes)
    assert set(wanted.complete) == {chats[102]}
    await device.settled()
    assert device.names()[-2:] == ["warming_complete", "changes"]
    # Asked for again, it is known to be there.
    device.socket.send(Want(chat_id=chats[102]))
    await device.settled()
    assert device.events[-1] is wanted


async def test_frames_are_bounded(world: World) -> None:
    await world.seed(chats=60, messages=60)
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    assert max(len(text) for text in device.socket.texts) < codec.BATCH_CHARS + 4096
    assert len(of_kind(device, RemainingChatsReady)) > 3


async def test_a_change_during_warming_follows_it(world: World) -> None:
    await world.seed(chats=30)
    gate = world.requests.hold('"_in"')
    device = await world.sign_in()
    await device.connect()
    await device.take()
    touched = await world.change(add_message={"text": "while you wait"})
    await world.change(delete_chat=(await world.account())["chats"][8]["id"])
    gate.set()
    await device.take_until(WarmingComplete)
    assert not of_kind(device, Changes)
    await device.take_until(Changes)
    await device.settled()
    assert touched["messages"][0] in device.records(MESSAGES)
    await device.assert_equals_server()
