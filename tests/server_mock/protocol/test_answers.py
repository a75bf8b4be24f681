"""What a device is told of its write: refusals after the change that they are about, answers after what was missed."""

from __future__ import annotations

import pytest

from hearth.core.protocol.server_events import Refusal
from hearth.core.records.manifest import manifest_id, shard_ids, shard_of
from hearth.core.records.schema import Collection
from server_mock.protocol import change_log
from tests.server_mock.world import World
from tests.server_mock.writing import Pen, Records, a_device

CHATS, MESSAGES, ENTRIES = Collection


# --- two devices ---


async def test_of_two_devices_that_write_at_once_one_is_told_what_moved_on(world: World, pen: Pen) -> None:
    other = Pen(await a_device(world, "two"))
    # The devices have not heard of each other's writes.
    chat = pen.chat["id"]
    pen.send(pen.say("from one", chat))
    world.time.now_s += 1
    theirs = other.send(other.say("from two", chat))
    await pen.written()
    refused = await other.refused()
    assert (refused.reason, tuple(refused.mutations)) == (Refusal.MOVED_ON, tuple(theirs.mutations))
    manifest = manifest_id(pen.device.account)
    assert set(refused.ids) == {chat, manifest, shard_ids(manifest)[shard_of(chat)]}
    assert refused.counts == {CHATS: 1, ENTRIES: 2}
    assert refused.message.endswith(".")
    again: Records = {MESSAGES: [*map(dict, theirs.records[MESSAGES])], CHATS: [other.touched(chat)]}
    await other.write(again)
    for each in (pen, other):
        await each.device.settled()
        await each.device.assert_equals_server()
        assert {"from one", "from two"} <= set(each.device.open_all()[MESSAGES])


async def test_a_refusal_comes_after_the_change_that_it_is_about(world: World, pen: Pen) -> None:
    other = Pen(await a_device(world, "two"))
    chat = pen.chat["id"]
    pen.send(pen.say("from one", chat))
    other.send(other.say("from two", chat))
    await pen.written()
    await other.refused()
    names = [event.name.value for event in other.device.events]
    assert names[-2:] == ["changes", "refused"]


async def test_an_edit_of_a_deleted_message_is_told_so(world: World, pen: Pen) -> None:
    chat = pen.chat
    message = pen.messages(chat["id"])[0]
    await pen.write({MESSAGES: [pen.tombstone(MESSAGES, message)], CHATS: [pen.touched()]})
    pen.send({MESSAGES: [pen.next(message)], CHATS: [pen.touched()]})
    refused = await pen.refused()
    assert (refused.reason, tuple(refused.ids)) == (Refusal.DELETED, (message["id"],))
    assert refused.counts[MESSAGES] == 1
    pen.send({MESSAGES: [pen.next(pen.device.tables[MESSAGES][message["id"]])], CHATS: [pen.touched()]})
    assert (await pen.refused()).reason is Refusal.DELETED


async def test_a_peer_that_lags_gets_its_answer_after_what_it_missed(
    world: World, pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal does not reach back: what changed is read, and the answer follows it."""
    monkeypatch.setattr(change_log, "MAX_JOURNAL_ENTRIES", 3)
    other = Pen(await a_device(world, "two"))
    pen.device.socket.stop_reading()
    await other.write(other.say("first"))
    await other.device.settled()
    for _ in range(2):
        pen.send({MESSAGES: [pen.message(pen.chat["id"])], ENTRIES: [pen.manifest]})
    pen.send({MESSAGES: [pen.message(pen.chat["id"])], ENTRIES: [other.next(other.manifest)]})
    for _ in range(6):
        await other.device.settled()
        await other.write({MESSAGES: [other.draft(other.chat["id"])], ENTRIES: [other.next(other.manifest)]})
    assert world.services.states.of(pen.device.account).changes_after(0) is None
    pen.device.socket.read_on()
    for _ in range(2):
        assert (await pen.refused()).reason is Refusal.MOVED_ON
    answer = await pen.written()
    assert answer.since == answer.stamp
    await pen.device.settled()
    await pen.device.assert_equals_server()
