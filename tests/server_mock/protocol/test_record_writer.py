"""A device writes: in order, once, answered when it is on the disk, and told to every other device of the account."""

from __future__ import annotations

from hearth.core.protocol.server_events import Changes, Refusal
from hearth.core.records.schema import SPECS, Collection
from tests.server_mock.world import World
from tests.server_mock.writing import Pen, a_device, row_of

CHATS, MESSAGES, ENTRIES = Collection


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
