"""A device that comes back with its stamp gets what it lacks, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hearth.core.protocol.server_events import Changes, UpToDate, WarmingComplete
from hearth_testing.conformance.client import Device, Person
from hearth_testing.conformance.sealed import CHATS, ENTRIES, MESSAGES, Row, message, sealed, tombstone


def come_back(device: Device) -> None:
    device.connect()
    device.send(device.hello())


def test_a_device_that_missed_nothing_is_up_to_date(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    write_chats(person.warmed("writer"), 3)
    device = person.warmed()
    device.leave()
    before = device.stamp
    come_back(device)
    answer = device.take()
    assert isinstance(answer, UpToDate)
    assert (answer.stamp, device.quiet()) == (before, [])


def test_a_device_that_missed_something_gets_just_that(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    writer = person.warmed("writer")
    first, second, _ = write_chats(writer, 3)
    device = person.warmed()
    device.leave()
    said = message(first["id"])
    writer.written({MESSAGES: [said]})
    renamed = {**writer.records(CHATS)[second["id"]], "title": sealed()}
    writer.written({CHATS: [{**renamed, "version": renamed["version"] + 1}]})
    come_back(device)
    device.take_until(Changes)
    brought = {row["id"] for load in device.frames for rows in load.values() for row in rows}
    assert brought == {said["id"], first["id"], second["id"], person.manifest["id"]}
    assert device.tables == writer.tables
    assert device.quiet() == []
    device.leave()
    come_back(device)
    assert isinstance(device.take(), UpToDate)


def test_deletions_travel_as_empty_records(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    writer = person.warmed("writer")
    gone, other = write_chats(writer, 2)
    device = person.warmed()
    device.leave()
    said = writer.messages(other["id"])[0]
    chats = [tombstone(CHATS, writer.records(CHATS)[gone["id"]])]
    writer.written({CHATS: chats, MESSAGES: [tombstone(MESSAGES, said)]})
    come_back(device)
    device.take_until(Changes)
    assert gone["id"] not in device.records(CHATS)
    assert said["id"] not in device.records(MESSAGES)
    assert device.records(MESSAGES).keys() == writer.records(MESSAGES).keys()
    empty = device.tables[CHATS][gone["id"]]
    assert (empty["title"], empty["wrapped_key"]) == (None, None)
    assert empty["deleted_at"] is not None
    assert device.tables[MESSAGES][said["id"]]["content"] is None
    fresh = person.warmed("fresh")
    assert fresh.records(CHATS).keys() == {other["id"]}
    assert said["id"] not in fresh.records(MESSAGES)


@pytest.mark.parametrize("stamp", ["nonsense", "0", "deadbeef-1", "9" * 60])
def test_a_stamp_that_the_server_cannot_serve_means_a_warming(resident: Person, stamp: str) -> None:
    device = resident.device()
    device.send(device.hello(since=stamp))
    device.take_until(WarmingComplete)
    assert device.records(ENTRIES).keys() == {resident.manifest["id"]}


def test_another_accounts_stamp_tells_nothing_of_it(
    someone: Callable[[], Person], write_chats: Callable[..., list[Row]]
) -> None:
    one, other = someone(), someone()
    write_chats(one.warmed("writer"), 2)
    foreign = one.warmed().stamp
    device = other.device()
    device.send(device.hello(since=foreign))
    device.take()
    device.quiet()
    assert device.records(CHATS) == {}


def test_a_stamp_is_new_after_each_write(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    writer = person.warmed("writer")
    stamps = [writer.stamp]
    (first,) = write_chats(writer, 1)
    stamps.append(writer.stamp)
    for _ in range(3):
        writer.written({MESSAGES: [message(first["id"])]})
        stamps.append(writer.stamp)
    assert len(set(stamps)) == len(stamps)
    assert writer.records(ENTRIES)[person.manifest["id"]]["version"] == 5
