"""What a device asks for over its connection: a chat, a record again, older chats, chats to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hearth.core.protocol import device_events
from hearth.core.protocol.server_events import Changes, ChatsRead, OlderChatsReady, Pong, Refetched, WarmingComplete
from hearth.core.records.schema import Collection
from hearth_testing.conformance.client import Device, Person
from hearth_testing.conformance.sealed import CHATS, ENTRIES, MESSAGES, Row, new_id, now_ms, tombstone

LISTED = 100
DAY_MS = 24 * 3_600_000


def brought(device: Device, collection: Collection) -> set[str]:
    """The ids of the records of the last frame."""
    return {row["id"] for row in device.frames[-1].get(collection, [])}


def test_a_heartbeat_tells_the_time_and_the_longest_record(person: Person) -> None:
    device = person.warmed()
    device.send(device_events.Ping())
    pong = device.take_until(Pong)
    assert pong.time is not None
    assert abs(pong.time - now_ms()) < DAY_MS
    assert pong.max_record_chars is not None
    assert pong.max_record_chars > 10_000


@pytest.fixture
def device(person: Person, write_chats: Callable[..., list[Row]]) -> Device:
    """A device of somebody with three chats."""
    device = person.warmed()
    write_chats(device, 3)
    return device


def test_a_record_comes_again(device: Device) -> None:
    of = next(iter(device.records(CHATS)))
    said = device.messages(of)[0]["id"]
    for collection, row_id in ((CHATS, of), (MESSAGES, said), (ENTRIES, device.person.manifest["id"])):
        device.send(device_events.Refetch(collection=collection, record_id=row_id))
        answer = device.take_until(Refetched)
        assert (answer.collection, answer.record_id) == (collection, row_id)
        (row,) = (row for row in device.frames[-1][collection] if row["id"] == row_id)
        assert row == device.tables[collection][row_id]


def test_a_chat_comes_again_with_its_messages_and_the_manifest(device: Device) -> None:
    of, manifest = next(iter(device.records(CHATS))), device.person.manifest["id"]
    device.send(device_events.Refetch(collection=CHATS, record_id=of, manifest_id=manifest))
    device.take_until(Refetched)
    assert of in brought(device, CHATS)
    assert brought(device, MESSAGES) == {row["id"] for row in device.messages(of)}
    assert manifest in brought(device, ENTRIES)


def test_a_record_that_is_not_there_is_answered_with_none(device: Device) -> None:
    device.send(device_events.Refetch(collection=MESSAGES, record_id=new_id()))
    device.take_until(Refetched)
    assert device.frames[-1] == {}


@pytest.fixture
def many(person: Person, write_chats: Callable[..., list[Row]]) -> list[Row]:
    """More chats than a warming brings, oldest first, each with a message."""
    return write_chats(person.warmed("writer"), 105, 1)


def test_older_chats_are_counted_listed_and_wanted(person: Person, many: list[Row]) -> None:
    device = person.warmed()
    done = device.events[-1]
    assert isinstance(done, WarmingComplete)
    assert (done.total_chats, done.older_count) == (LISTED, 5)
    assert done.listed_id == many[5]["id"]
    assert device.records(CHATS).keys() == {row["id"] for row in many[5:]}
    device.send(device_events.ListOlder(listed_to=done.listed_to, listed=(done.listed_id or "",)))
    answer = device.take_until(OlderChatsReady)
    assert (answer.older_count, answer.listed_id) == (0, many[0]["id"])
    assert brought(device, CHATS) == {row["id"] for row in many[:5]}
    assert brought(device, MESSAGES) == set()
    assert many[0]["id"] not in answer.complete
    device.send(device_events.Want(chat_id=many[0]["id"]))
    wanted = device.take_until(Changes)
    assert many[0]["id"] in wanted.complete
    assert len(device.messages(many[0]["id"])) == 1
    device.send(device_events.ListOlder())
    assert device.take_until(OlderChatsReady).older_count == 5


def test_chats_are_read_by_their_ids_and_down_the_list(device: Device) -> None:
    gone, *kept = sorted(device.records(CHATS))
    device.written({CHATS: [tombstone(CHATS, device.records(CHATS)[gone])]})
    device.leave()
    device.connect()
    device.send(device.hello())
    device.take()
    device.send(device_events.ReadChats(ids=(gone, kept[0], new_id())))
    device.take_until(ChatsRead)
    rows = {row["id"]: row for row in device.frames[-1][CHATS]}
    assert rows.keys() == {gone, kept[0]}
    assert rows[gone]["deleted_at"] is not None
    assert {row["id"] for row in device.messages(kept[0])} <= brought(device, MESSAGES)
    device.send(device_events.ReadChats())
    answer = device.take_until(ChatsRead)
    assert (brought(device, CHATS), answer.older_count) == (set(kept), 0)
