"""What one device writes, the account's other devices get while they are connected, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable

from hearth.core.protocol.server_events import Changes
from hearth_testing.conformance.client import Person
from hearth_testing.conformance.sealed import CHATS, ENTRIES, MESSAGES, Row, chat, message, tombstone


def test_a_write_is_pushed_to_the_other_devices(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    writer = person.warmed("writer")
    (first,) = write_chats(writer, 1)
    others = [person.warmed(name) for name in ("one", "other")]
    before = others[0].stamp
    said = message(first["id"])
    writer.written({MESSAGES: [said]})
    for other in others:
        pushed = other.take_until(Changes)
        assert (pushed.since, pushed.stamp) == (before, writer.stamp)
        assert other.tables == writer.tables
        assert said["id"] in other.records(MESSAGES)


def test_the_device_that_writes_gets_the_answer_alone(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    writer = person.warmed("writer")
    (first,) = write_chats(writer, 1)
    writer.written({MESSAGES: [message(first["id"])]})
    assert writer.quiet() == []


def test_two_devices_that_write_in_turn_stay_alike(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    one = person.warmed("one")
    (first,) = write_chats(one, 1)
    other = person.warmed("other")
    for _ in range(3):
        for device, listener in ((one, other), (other, one)):
            device.written({MESSAGES: [message(first["id"])]})
            listener.take_until(Changes)
            assert listener.stamp == device.stamp
    assert one.tables == other.tables


def test_new_and_deleted_chats_are_pushed(person: Person) -> None:
    writer, other = person.warmed("writer"), person.warmed("other")
    made = chat()
    writer.written({CHATS: [made], MESSAGES: [message(made["id"])]})
    pushed = other.take_until(Changes)
    assert made["id"] in pushed.complete, "all of its messages are here"
    writer.written({CHATS: [tombstone(CHATS, writer.records(CHATS)[made["id"]])]})
    other.take_until(Changes)
    assert other.records(CHATS) == other.records(MESSAGES) == {}
    assert other.records(ENTRIES) == writer.records(ENTRIES)


def test_nobody_else_is_told(someone: Callable[[], Person], write_chats: Callable[..., list[Row]]) -> None:
    one, other = someone(), someone()
    foreign = other.warmed()
    writer = one.warmed("writer")
    write_chats(writer, 2)
    assert foreign.quiet() == []
    assert foreign.records(CHATS) == {}
