"""The server dies after each request of a write; the device repeats it: afterwards everything is there exactly once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hearth.core.protocol.server_events import Changes
from hearth.core.records.manifest import manifest_id
from hearth.core.records.manifest_checks import Fault, judge
from hearth.core.records.schema import Collection
from hearth.testing.cpython_cipher import fingerprint_of
from server_mock.testing.manifest_builder import standing_of
from tests.server_mock.world import Device, World
from tests.server_mock.writing import Pen, Records, a_device

CHATS, MESSAGES, ENTRIES = Collection


def new_chat(pen: Pen) -> Records:
    chat, key = pen.new_chat()
    messages = [pen.message(chat["id"], each, key) for each in ("one", "two")]
    return {CHATS: [chat], MESSAGES: messages}


def edited(pen: Pen) -> Records:
    message = pen.messages(pen.chat["id"])[0]
    content = pen.author.seal(pen.key(message["chat_id"]), MESSAGES, message["id"], "content", "better")
    return {MESSAGES: [pen.next(message, content=content)], CHATS: [pen.touched()]}


def deleted_message(pen: Pen) -> Records:
    return {MESSAGES: [pen.tombstone(MESSAGES, pen.messages(pen.chat["id"])[0])], CHATS: [pen.touched()]}


def mixed(pen: Pen) -> Records:
    """A message, an edit, a new chat and a deleted one, together."""
    doomed = next(row for row in pen.device.records(CHATS).values() if row["id"] != pen.chat["id"])
    said, changed, made = pen.say("and more"), edited(pen), new_chat(pen)
    return {
        MESSAGES: [*said[MESSAGES], *changed[MESSAGES], *made[MESSAGES]],
        CHATS: [pen.touched(), *made[CHATS], pen.tombstone(CHATS, doomed)],
    }


CASES: dict[str, tuple[Callable[[Pen], Records], int]] = {
    "a message": (Pen.say, 5),
    "a new chat": (new_chat, 6),
    "an edit": (edited, 6),
    "a deleted message": (deleted_message, 6),
    "a deleted chat": (lambda pen: {CHATS: [pen.tombstone(CHATS, pen.chat)]}, 5),
    "a draft": (lambda pen: {MESSAGES: [pen.draft(pen.chat["id"])]}, 5),
    "all at once": (mixed, 10),
}
"""Each kind of write, and how many requests it makes."""

POINTS = [(name, point) for name, (_make, requests) in CASES.items() for point in range(requests + 1)]


@pytest.mark.parametrize("name", CASES)
async def test_how_many_requests_a_write_makes(world: World, name: str) -> None:
    pen = Pen(await a_device(world, "one"))
    make, requests = CASES[name]
    world.services.client.log.reset()
    await pen.write(make(pen))
    assert len(world.log()) == requests


@pytest.mark.parametrize(("name", "point"), POINTS)
async def test_a_write_that_the_server_did_not_survive(world: World, name: str, point: int) -> None:
    one, other = await a_device(world, "one"), await a_device(world, "two")
    pen = Pen(one)
    frame = pen.frame(CASES[name][0](pen))
    world.requests.left = point
    one.socket.send(frame)
    if point <= CASES[name][1]:
        await one.socket.closed()
    await world.restart()
    for device in (other, one):
        # They ask, and may be told what is there halfway.
        await (await device.connect("again")).synchronised()
    one.socket.send(frame)
    await pen.written()
    await other.settled()
    third = await a_device(world, "three")
    for device in (one, other, third):
        await device.settled()
        await device.assert_equals_server()
        assert fault_of(device) == []
    assert texts_of(third) == texts_of(other) == texts_of(one)
    one.socket.send(frame)
    before = len(other.events)
    await pen.written()
    await other.settled()
    assert not [event for event in other.events[before:] if isinstance(event, Changes)], "nothing is written twice"


def texts_of(device: Device) -> dict[Collection, list[str]]:
    return {name: sorted(texts) for name, texts in device.open_all().items()}


def fault_of(device: Device) -> list[Fault]:
    """What the manifest finds wrong with what a device has."""
    standing = standing_of(device.keyring, manifest_id(device.account), device.tables[ENTRIES])
    assert standing
    manifest = standing.manifest
    faults = []
    for chat in device.records(CHATS).values():
        messages = [row for row in device.records(MESSAGES).values() if row["chat_id"] == chat["id"]]
        held = fingerprint_of(manifest.secret, CHATS, [chat]).plus(fingerprint_of(manifest.secret, MESSAGES, messages))
        faults.append(judge(manifest, chat["id"], chat["version"], chat["last_updated"], held).fault)
    return [each for each in faults if each is not Fault.NONE]
