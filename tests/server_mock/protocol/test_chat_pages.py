"""The chats beyond a warming: counted by it at no request more, listed page by page, and sent when they are opened."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.device_events import ListOlder, ReadChats, Want
from hearth.core.protocol.server_events import Changes, ChatsRead, OlderChatsReady, WarmingComplete
from hearth.core.records.schema import Collection
from tests.server_mock.world import Device, World, a_world, chat_requests

CHATS, MESSAGES, _ENTRIES = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=250, messages=1)
        yield world


async def warm(world: World) -> tuple[Device, WarmingComplete]:
    device = await world.sign_in()
    await device.connect()
    done = await device.take_until(WarmingComplete)
    assert isinstance(done, WarmingComplete)
    await device.settled()
    return device, done


async def page(device: Device, ask: ListOlder) -> OlderChatsReady:
    device.socket.send(ask)
    event = await device.take_until(OlderChatsReady)
    assert isinstance(event, OlderChatsReady)
    assert (event.batch, event.of) == (1, 1)
    return event


def after(device: Device, end: WarmingComplete | OlderChatsReady) -> ListOlder:
    assert end.listed_to is not None
    here = device.records(CHATS).values()
    same = sorted(row["id"] for row in here if row["last_updated"] == end.listed_to and row["id"] <= end.listed_id)
    return ListOlder(listed_to=end.listed_to, listed=tuple(same))


async def in_order(world: World, device: Device) -> list[str]:
    rows = await world.rows(CHATS, device.account)
    return [row["id"] for row in sorted(rows, key=lambda row: (-row["last_updated"], row["id"]))]


async def list_all(world: World) -> tuple[Device, list[int]]:
    """List every chat; how many were still to come after each answer."""
    device, done = await warm(world)
    end: WarmingComplete | OlderChatsReady = done
    left = [end.older_count]
    while left[-1]:
        end = await page(device, after(device, end))
        left.append(end.older_count)
    return device, left


async def test_a_warming_counts_what_it_does_not_bring_at_no_request_more(world: World) -> None:
    device, done = await warm(world)
    assert len(chat_requests(world.log())) == 4
    assert len(world.log()) == 5
    assert (done.older_count, done.total_chats) == (150, 100)
    hundredth = (await in_order(world, device))[99]
    assert (done.listed_id, done.listed_to) == (hundredth, device.records(CHATS)[hundredth]["last_updated"])


async def test_a_hundred_more_at_a_time_each_for_one_request(world: World) -> None:
    device, done = await warm(world)
    end: WarmingComplete | OlderChatsReady = done
    messages = len(device.records(MESSAGES))
    for listed, left in ((200, 50), (250, 0)):
        before = world.requests.count
        end = await page(device, after(device, end))
        assert world.requests.count == before + 1
        assert end.older_count == left
        assert set(device.records(CHATS)) == set((await in_order(world, device))[:listed])
    assert len(device.records(MESSAGES)) == messages
    empty = await page(device, after(device, end))
    assert (empty.older_count, empty.listed_to, empty.listed_id) == (0, None, None)


async def test_without_a_moment_the_list_begins_at_its_top(world: World) -> None:
    device, done = await warm(world)
    first = await page(device, ListOlder())
    assert (first.older_count, first.listed_to, first.listed_id) == (150, done.listed_to, done.listed_id)


@pytest.mark.parametrize("same", [range(90, 110), range(250), range(50, 220)])
async def test_chats_of_one_moment_are_listed_once_each(world: World, same: range) -> None:
    device = await world.sign_in()
    ids = (await in_order(world, device))[same.start : same.stop]
    moment = 1_700_000_000_000
    await world.direct.update_many("chats", filter={"id": {"_in": ids}}, values={"last_updated": moment})
    world.services.warmings.clear()
    device, left = await list_all(world)
    assert left == [150, 50, 0]
    assert set(device.records(CHATS)) == set(await in_order(world, device))


async def test_an_older_chat_comes_with_its_messages_when_it_is_opened(world: World) -> None:
    device, done = await warm(world)
    await page(device, after(device, done))
    oldest = (await in_order(world, device))[180]
    device.socket.send(Want(chat_id=oldest))
    changes = await device.take_until(Changes)
    assert isinstance(changes, Changes)
    assert list(changes.complete) == [oldest]
    assert [row for row in device.records(MESSAGES).values() if row["chat_id"] == oldest]


async def test_a_deleted_chat_is_neither_listed_nor_counted(world: World) -> None:
    device, _ = await warm(world)
    gone = (await in_order(world, device))[200]
    await world.change(delete_chat=gone)
    device, left = await list_all(world)
    assert left == [149, 49, 0]
    assert gone not in device.records(CHATS)


async def read(device: Device, ask: ReadChats) -> tuple[ChatsRead, int, int]:
    """The last frame of an answer, and how many chats and messages all of it holds."""
    device.socket.send(ask)
    chats = messages = 0
    while True:
        event = await device.take_until(ChatsRead)
        assert isinstance(event, ChatsRead)
        chats += event.counts.get(CHATS, 0)
        messages += event.counts.get(MESSAGES, 0)
        if event.batch == event.of:
            return event, chats, messages


async def test_chats_are_read_with_their_messages_a_hundred_at_a_time_for_two_requests(world: World) -> None:
    device, done = await warm(world)
    end: WarmingComplete | ChatsRead = done
    listed = sorted(device.records(CHATS).values(), key=lambda row: (-row["last_updated"], row["id"]))
    for count, left in ((100, 50), (50, 0)):
        assert end.listed_to is not None
        same = [row["id"] for row in listed if row["last_updated"] == end.listed_to]
        before = world.requests.count
        end, chats, messages = await read(device, ReadChats(listed_to=end.listed_to, listed=tuple(same)))
        assert world.requests.count == before + 2
        assert (chats, end.older_count) == (count, left)
        assert messages == count
        listed = [*device.records(CHATS).values()]


async def test_named_chats_are_read_the_deleted_ones_as_what_they_are(world: World) -> None:
    device, _ = await warm(world)
    order = await in_order(world, device)
    await world.change(delete_chat=order[200])
    before = world.requests.count
    _, chats, messages = await read(device, ReadChats(ids=(order[200], order[201], order[0])))
    assert world.requests.count == before + 2
    assert (chats, messages) == (3, 2)
    assert order[200] not in device.records(CHATS)
    assert order[201] in device.records(CHATS)


async def test_no_chat_of_another_account_is_read(world: World) -> None:
    device, _ = await warm(world)
    await world.seed(chats=2, email="other@hearth.example", password="another password")
    other = await world.sign_in("other@hearth.example", "another password")
    theirs = tuple(row["id"] for row in await world.rows(CHATS, other.account))
    assert len(theirs) == 2
    _, chats, messages = await read(device, ReadChats(ids=theirs))
    assert (chats, messages) == (0, 0)
