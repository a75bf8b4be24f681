"""What an account may keep and write: a refusal is a sentence and changes nothing, and room can be made."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import Refusal
from hearth.core.records.schema import Collection
from server_mock.protocol.change_log import Usage
from server_mock.protocol.quotas import Quotas, size_of
from tests.server_mock.world import World, a_world
from tests.server_mock.writing import Pen, a_device

CHATS, MESSAGES, _ENTRIES = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=3, messages=4)
        yield world


async def kept(world: World, account: str) -> Usage:
    """What the disk has of an account."""
    found = Usage()
    for collection in (CHATS, MESSAGES):
        for row in await world.rows(collection, account):
            found += Usage(1, size_of(collection, row))
    return found


async def limited(world: World, **quotas: int) -> Pen:
    """A device of a server with quotas."""
    world.quotas = Quotas(**quotas)
    await world.restart()
    return Pen(await a_device(world, "device"))


async def test_as_many_records_as_the_quota_says(world: World) -> None:
    start = await kept(world, Pen(await a_device(world, "first")).device.account)
    pen = await limited(world, records=start.records + 2)
    await pen.write(pen.say("one"))
    await pen.write(pen.say("two"))
    pen.send(pen.say("three"))
    refused = await pen.refused()
    assert (refused.reason, refused.ids) == (Refusal.QUOTA, ())
    assert refused.message == (
        f"Your account holds as much as this server keeps of one ({start.records + 2:,} chats and messages). "
        "Delete something to make room."
    )
    assert (await kept(world, pen.device.account)).records == start.records + 2
    assert "three" not in str(pen.device.open_all())


async def test_a_full_account_can_edit_and_delete_and_then_write_again(world: World) -> None:
    pen = await limited(world, records=1)
    pen.send(pen.say("too many"))
    assert (await pen.refused()).reason is Refusal.QUOTA
    await pen.write({CHATS: [pen.retitled(pen.chat["id"], "a title")]})
    for chat in list(pen.device.records(CHATS).values()):
        await pen.write({CHATS: [pen.tombstone(CHATS, chat)]})
    chat, key = pen.new_chat()
    await pen.write({CHATS: [chat]})
    pen.send({CHATS: [pen.touched(chat["id"])], MESSAGES: [pen.message(chat["id"], "too many again", key)]})
    assert (await pen.refused()).reason is Refusal.QUOTA


async def test_as_many_bytes_as_the_quota_says_and_the_count_is_that_of_the_disk(world: World) -> None:
    start = await kept(world, Pen(await a_device(world, "first")).device.account)
    pen = await limited(world, size_bytes=start.size_bytes + 5_000)
    await pen.write(pen.say("short"))
    usage = world.services.states.of(pen.device.account).usage
    assert usage == await kept(world, pen.device.account)
    pen.send(pen.say("long " * 2_000))
    refused = await pen.refused()
    assert refused.reason is Refusal.QUOTA
    assert refused.message.endswith(f"({start.size_bytes + 5_000:,} bytes). Delete something to make room.")
    await pen.write(pen.say("short"))
    message = pen.messages(pen.chat["id"])[-1]
    await pen.write({MESSAGES: [pen.tombstone(MESSAGES, message)]})
    assert world.services.states.of(pen.device.account).usage == await kept(world, pen.device.account)


async def test_what_is_kept_is_counted_once(world: World) -> None:
    pen = await limited(world, records=1_000)
    await pen.write(pen.say("the first write counts"))
    world.direct.log.reset()
    world.services.client.log.reset()
    await pen.write(pen.say("the second one does not"))
    assert world.direct.log.entries() == []
    assert len(world.reads()) == 2


async def test_so_many_writes_an_hour(world: World) -> None:
    pen = await limited(world, writes_an_hour=60)
    world.time.now_s += 1
    for _ in range(60):
        await pen.write(pen.say())
    pen.send(pen.say("once more"))
    refused = await pen.refused()
    assert refused.reason is Refusal.QUOTA
    assert refused.message == "You have written as often as this server takes in an hour. Try again in 60 seconds."
    world.time.now_s += 60
    await pen.write(pen.say("a minute later"))


async def test_one_account_does_not_count_for_another(world: World) -> None:
    pen = await limited(world, writes_an_hour=1)
    await pen.write(pen.say())
    await world.seed(1, 1, "other@hearth.example", "another password")
    other = Pen(await a_device(world, "other", "other@hearth.example", "another password"))
    await other.write(other.say())


async def test_a_repeated_write_is_answered_whatever_the_quota(world: World) -> None:
    pen = await limited(world, writes_an_hour=1)
    frame = pen.send(pen.say(), "the same")
    await pen.written()
    pen.device.socket.send(frame)
    assert (await pen.written()).mutations == ("the same",)
