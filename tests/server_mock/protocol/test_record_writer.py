"""A device writes: in order, once, answered when it is on the disk, and told to every other device of the account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Write
from hearth.core.protocol.server_events import Changes, ErrorCode, Refusal, ServerError, Written
from hearth.core.records import manifest as manifests
from hearth.core.records.envelope import MIN_SEALED_CHARS
from hearth.core.records.manifest import Fingerprint, Listed, Manifest, manifest_id, shard_ids, shard_of
from hearth.core.records.schema import SPECS, Collection
from server_mock.protocol import change_log, device_writes
from server_mock.protocol.answered_mutations import MAX_STORED
from tests.server_mock.world import World, a_world
from tests.server_mock.writing import Pen, Records, a_device

CHATS, MESSAGES, ENTRIES = Collection


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed()
        yield world


@pytest.fixture
async def pen(world: World) -> Pen:
    return Pen(await a_device(world, "one"))


async def row_of(world: World, collection: Collection, row_id: str) -> dict[str, Any]:
    row = await world.direct.read(collection.value, row_id)
    assert row
    return row


def methods(world: World) -> list[str]:
    return [f"{entry['method']} {entry['collection']}" for entry in world.log()]


async def test_a_message_is_on_the_disk_when_it_is_answered(world: World, pen: Pen) -> None:
    before = pen.device.cursor
    records = pen.say("good morning")
    written = await pen.write(records, "one")
    assert (tuple(written.mutations), written.since) == (("one",), before)
    assert written.stamp == pen.device.cursor != before
    row = await row_of(world, MESSAGES, records[MESSAGES][0]["id"])
    assert (row["version"], row["changed_at"]) == (1, written.changed_at)
    await pen.device.assert_equals_server()
    assert not [event for event in pen.device.events if isinstance(event, Changes)]


async def test_other_devices_get_it_as_changes_from_where_they_stand(world: World, pen: Pen) -> None:
    other = await a_device(world, "two")
    records = pen.say("good morning")
    await pen.write(records)
    await other.settled()
    assert [type(event) for event in other.events][-1] is Changes
    await other.assert_equals_server()
    texts = other.open_all()[MESSAGES]
    assert "good morning" in texts


async def test_a_chat_comes_to_be_with_its_first_message(world: World, pen: Pen) -> None:
    other = await a_device(world, "two")
    chat, key = pen.new_chat()
    # Its device was offline for a day.
    chat["created_at"] -= 86_400_000
    await pen.write({CHATS: [chat], MESSAGES: [pen.message(chat["id"], "the first", key)]})
    await other.settled()
    await other.assert_equals_server()
    assert "the first" in other.open_all()[MESSAGES]
    assert other.complete[chat["id"]] == other.tables[CHATS][chat["id"]]["changed_at"]


@pytest.mark.parametrize("chats", [3, 30])
async def test_a_short_message_costs_two_reads_and_three_writes(chats: int) -> None:
    async with a_world() as world:
        await world.seed(chats=chats)
        pen = Pen(await a_device(world, "one"))
        world.services.client.log.reset()
        await pen.write(pen.say())
        assert sorted(methods(world)[:2]) == ["SEARCH chats", "SEARCH settings_and_memories"]
        assert methods(world)[2:] == ["POST messages", "PATCH chats", "PATCH settings_and_memories"]
        world.services.client.log.reset()
        await pen.write({MESSAGES: [pen.message(pen.chat["id"]) for _ in range(20)], CHATS: [pen.touched()]})
        assert len(world.log()) == 5


async def test_a_draft_changes_nothing_of_its_chat_but_the_stamp(world: World, pen: Pen) -> None:
    other = await a_device(world, "two")
    before = dict(pen.chat)
    written = await pen.write({MESSAGES: [pen.draft(before["id"], "not sent yet")]})
    after = await row_of(world, CHATS, before["id"])
    assert {name: after[name] for name in SPECS[CHATS].fields} == {**before, "changed_at": written.changed_at}
    await other.settled()
    assert "not sent yet" in other.open_all()[MESSAGES]
    await pen.write({MESSAGES: [pen.draft(before["id"], "")]})
    await other.settled()
    await other.assert_equals_server()
    assert "not sent yet" not in other.open_all()[MESSAGES]


async def test_who_was_away_gets_a_draft_without_its_chat_having_changed(world: World, pen: Pen) -> None:
    away = await a_device(world, "two")
    await away.disconnect()
    await pen.write({MESSAGES: [pen.draft(pen.chat["id"], "not sent yet")]})
    await away.connect("two")
    await away.take_until(Changes)
    assert "not sent yet" in away.open_all()[MESSAGES]
    await away.assert_equals_server()


async def test_a_deleted_chat_keeps_nothing_of_its_messages(world: World, pen: Pen) -> None:
    other = await a_device(world, "two")
    chat = pen.chat
    messages = pen.messages(chat["id"])
    await pen.write({CHATS: [pen.tombstone(CHATS, chat)]})
    for row in [await row_of(world, CHATS, chat["id"]), *[await row_of(world, MESSAGES, m["id"]) for m in messages]]:
        assert row["deleted_at"] == row["changed_at"]
        named = SPECS[MESSAGES if "chat_id" in row else CHATS].sealed
        assert {row[name] for name in named} | {row.get("wrapped_key")} == {None}
    await other.settled()
    await other.assert_equals_server()
    await pen.device.assert_equals_server()


async def test_a_message_is_edited_and_deleted(world: World, pen: Pen) -> None:
    other = await a_device(world, "two")
    chat = pen.chat
    first, second = pen.messages(chat["id"])[:2]
    content = pen.author.seal(pen.key(chat["id"]), MESSAGES, first["id"], "content", "better")
    await pen.write({MESSAGES: [pen.next(first, content=content)], CHATS: [pen.touched()]})
    await pen.write({MESSAGES: [pen.tombstone(MESSAGES, second)], CHATS: [pen.touched()]})
    await other.settled()
    await other.assert_equals_server()
    assert "better" in other.open_all()[MESSAGES]
    assert second["id"] not in other.records(MESSAGES)
    row = await row_of(world, MESSAGES, second["id"])
    assert row["content"] is row["files"] is row["embeds"] is None


async def test_a_field_that_a_record_lacks_stays_as_it_is(world: World, pen: Pen) -> None:
    chat = pen.chat
    pinned = pen.author.seal(pen.key(chat["id"]), CHATS, chat["id"], "pinned", "1")
    await pen.write({CHATS: [pen.touched(pinned=pinned)]})
    older = {name: value for name, value in pen.touched().items() if name != "pinned"}
    await pen.write({CHATS: [older]})
    assert (await row_of(world, CHATS, chat["id"]))["pinned"] == pinned


# --- once ---


async def test_a_repeated_write_gets_the_same_answer_and_costs_nothing(world: World, pen: Pen) -> None:
    frame = pen.send(pen.say(), "one", "two")
    first = await pen.written()
    await pen.write(pen.say())
    world.services.client.log.reset()
    pen.device.socket.send(frame)
    again = await pen.written()
    assert (tuple(again.mutations), again.changed_at) == (tuple(first.mutations), first.changed_at)
    assert again.since == again.stamp == pen.device.cursor
    assert world.log() == []


@pytest.mark.parametrize("restarts", [False, True], ids=["running", "restarted"])
async def test_it_is_the_same_after_another_device_wrote_and_after_a_restart(
    world: World, pen: Pen, restarts: bool
) -> None:
    frame = pen.send(pen.say())
    first = await pen.written()
    other = Pen(await a_device(world, "two"))
    deleted = frame.records[MESSAGES][0]["id"]
    gone = other.tombstone(MESSAGES, other.device.records(MESSAGES)[deleted])
    await other.write({MESSAGES: [gone], CHATS: [other.touched(gone["chat_id"])]})
    await other.write({CHATS: [other.tombstone(CHATS, other.device.records(CHATS)[gone["chat_id"]])]})
    if restarts:
        await world.restart()
        await (await pen.device.connect("one")).synchronised()
    pen.device.socket.send(frame)
    again = await pen.written()
    assert again.changed_at == first.changed_at
    await pen.device.settled()
    await pen.device.assert_equals_server()


async def test_what_the_disk_remembers_is_bounded_and_no_device_sees_it(world: World, pen: Pen) -> None:
    for number in range(4):
        await pen.write(pen.say(), *(f"{number}-{each}" for each in range(100)))
    row = await row_of(world, ENTRIES, manifest_id(pen.device.account))
    assert sum(len(group) - 1 for group in row["answered"]) == MAX_STORED
    other = await a_device(world, "two")
    assert "answered" not in other.tables[ENTRIES][row["id"]]
    await world.restart()
    for device in (pen.device, other):
        await (await device.connect("again")).synchronised()
        assert "answered" not in "".join(device.socket.texts)
    for number in (1, 3):
        pen.device.socket.send(Write(mutations=(f"{number}-99",), records=pen.vouched(pen.say())))
        assert isinstance(await pen.answer(), Written)


async def test_a_write_without_its_answer_on_the_disk_is_known_by_its_manifest(world: World, pen: Pen) -> None:
    frame = pen.send(pen.say())
    first = await pen.written()
    await world.direct.update(ENTRIES.value, manifest_id(pen.device.account), {"answered": None})
    await world.restart()
    await (await pen.device.connect("one")).synchronised()
    world.services.client.log.reset()
    pen.device.socket.send(frame)
    again = await pen.written()
    assert again.changed_at == first.changed_at
    assert [each for each in methods(world) if not each.startswith("SEARCH")] == []


@pytest.mark.parametrize("chats", [3, 100, 1_000])
async def test_a_short_message_costs_the_same_whatever_the_number_of_chats(chats: int) -> None:
    async with a_world() as world:
        await world.seed(chats=chats, messages=1)
        pen = Pen(await a_device(world, "one"))
        world.services.client.log.reset()
        frame = pen.frame(pen.say("hello"))
        pen.device.socket.send(frame)
        await pen.written()
        own = len(frame.records[MESSAGES][0]["content"])
        assert len(codec.write_device_frame(frame)) - own < 4_096
        assert [each["method"] for each in world.log()].count("SEARCH") == 2
        assert len(world.log()) == 5


async def test_a_full_shard_costs_no_more_than_a_message_may(pen: Pen) -> None:
    frame = pen.frame(pen.say("hello"))
    shard, _root = frame.records[ENTRIES]
    listed = Listed(10_000, 1_900_000_000_000, Fingerprint(10_001, 2**128 - 1))
    in_one = [each for each in (f"{number:036}" for number in range(20_000)) if shard_of(each) == 0]
    full = manifests.write_shard(Manifest(1, b"", dict.fromkeys(in_one[: manifests.MAX_LISTED], listed)), 0)
    chars = MIN_SEALED_CHARS + 4 * len(json.dumps(full, separators=(",", ":"))) // 3
    own = len(frame.records[MESSAGES][0]["content"]) + len(shard["sealed"])
    assert len(codec.write_device_frame(frame)) - own + chars < 4_096


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


async def test_what_is_deleted_stays_deleted(world: World, pen: Pen) -> None:
    other = Pen(await a_device(world, "two"))
    chat = other.chat
    message = other.messages(chat["id"])[0]
    late = [other.say("too late"), {MESSAGES: [other.next(message)], CHATS: [other.touched()]}]
    late += [{MESSAGES: [other.draft(chat["id"])]}, {CHATS: [other.retitled(chat["id"], "another title")]}]
    deletion = {CHATS: [other.tombstone(CHATS, chat)]}
    await pen.write({CHATS: [pen.tombstone(CHATS, chat)]})
    for records in late:
        other.send(records)
        refused = await other.refused()
        assert refused.reason is Refusal.DELETED, records
        assert set(refused.ids) <= {row["id"] for rows in records.values() for row in rows}
        assert other.device.tables[CHATS][chat["id"]]["deleted_at"] is not None
    # Somebody else had the same wish.
    await other.write(deletion)
    await other.device.settled()
    await other.device.assert_equals_server()


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


async def test_writes_slow_down_and_none_is_lost(world: World, pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_writes, "WRITE_BURST_S", 0.1)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    slow = device_writes.DeviceWrites(world.services, world.services.states.of("x"), "x", asyncio.Event())
    for _ in range(10):
        await slow._slow_down()
    assert waited == sorted(waited)
    assert 0.2 < waited[-1] < 0.5


async def test_a_disk_that_does_not_answer_ends_the_connection_and_the_repetition_heals(world: World, pen: Pen) -> None:
    frame = pen.frame(pen.say())
    await world.control("faults", {"directus_status": 503})
    pen.device.socket.send(frame)
    error = await pen.device.take()
    assert isinstance(error, ServerError)
    assert error.code is ErrorCode.BUSY
    assert await pen.device.socket.closed() == 1013
    await world.control("faults", {})
    await (await pen.device.connect("one")).synchronised()
    pen.device.socket.send(frame)
    await pen.written()
    await pen.device.assert_equals_server()


async def test_a_write_that_nobody_repeats_is_told_with_the_next_one(world: World, pen: Pen) -> None:
    """It is on the disk in part: every device has to know it as it is there."""
    other, witness = Pen(await a_device(world, "two")), await a_device(world, "three")
    chat = pen.chat["id"]
    # The chats and the manifest are read, the message is written; the chat is, too, but the manifest is not.
    world.requests.left = 4
    pen.send(pen.say("half of it", chat))
    await pen.device.socket.closed()
    world.requests.left = None
    elsewhere = next(each for each in other.device.records(CHATS) if each != chat)
    await other.write({CHATS: [other.retitled(elsewhere, "another title")]})
    for each in (other.device, witness):
        await each.settled()
        await each.assert_equals_server()
        assert "half of it" in each.open_all()[MESSAGES]


async def test_an_account_without_a_manifest_writes_without_one_or_brings_the_first(world: World, pen: Pen) -> None:
    manifest = dict(pen.manifest)
    await world.direct.delete(ENTRIES.value, manifest["id"])
    frame = pen.send({**pen.say(), ENTRIES: []})
    first = await pen.written()
    pen.device.socket.send(frame)
    assert (await pen.written()).changed_at == first.changed_at
    await pen.write({**pen.say(), ENTRIES: [{**manifest, "version": 1}]})
    row = await row_of(world, ENTRIES, manifest["id"])
    assert (row["version"], row["deleted_at"], row["wrapped_key"]) == (1, None, manifest["wrapped_key"])
    pen.send({**pen.say(), ENTRIES: []})
    assert (await pen.refused()).reason is Refusal.INVALID


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
