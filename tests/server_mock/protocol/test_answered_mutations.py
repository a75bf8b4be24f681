"""A write that is repeated: the same answer, from memory, from the disk, and from the manifest."""

from __future__ import annotations

import pytest

from hearth.core.protocol.device_events import Write
from hearth.core.protocol.server_events import Written
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import Collection
from server_mock.protocol.answered_mutations import MAX_STORED
from tests.server_mock.world import World
from tests.server_mock.writing import Pen, a_device, methods, row_of

CHATS, MESSAGES, ENTRIES = Collection


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
