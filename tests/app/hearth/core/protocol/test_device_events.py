"""What a device may say: each bound is held, and a write that cannot be one is refused with what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import MalformedFrame
from hearth.core.protocol.codec import read_device_frame, write_device_frame
from hearth.core.protocol.device_events import (
    MAX_HAVE,
    MAX_LISTED_AT_ONCE,
    MAX_READ_CHATS,
    DeviceEvent,
    Hello,
    ListOlder,
    ReadChats,
    Write,
)
from hearth.core.protocol.event_fields import MAX_MUTATIONS, MAX_WRITE_RECORDS
from hearth.core.records.schema import Collection
from tests.contracts.records import chat, message

CHATS, MESSAGES, _ = Collection


def read(event: DeviceEvent) -> DeviceEvent:
    return read_device_frame(write_device_frame(event), most=10**8)


def ids(count: int) -> tuple[str, ...]:
    return tuple(f"id{n}" for n in range(count))


def hello(count: int) -> Hello:
    return Hello(device_id="d", have=dict.fromkeys(ids(count), 1))


def write(*messages: dict[str, Any], chats: tuple[dict[str, Any], ...] = ()) -> Write:
    return Write(mutations=("one",), records={CHATS: list(chats), MESSAGES: list(messages)})


@pytest.mark.parametrize(
    ("most", "too_much"),
    [
        (hello(MAX_HAVE), hello(MAX_HAVE + 1)),
        (ListOlder(listed=ids(MAX_LISTED_AT_ONCE)), ListOlder(listed=ids(MAX_LISTED_AT_ONCE + 1))),
        (ReadChats(ids=ids(MAX_READ_CHATS)), ReadChats(ids=ids(MAX_READ_CHATS + 1))),
        (
            Write(mutations=ids(MAX_MUTATIONS), records={CHATS: (chat("a"),)}),
            Write(mutations=ids(MAX_MUTATIONS + 1), records={CHATS: (chat("a"),)}),
        ),
    ],
    ids=["hello", "list_older", "read_chats", "write"],
)
def test_the_most_passes_and_one_more_does_not(most: DeviceEvent, too_much: DeviceEvent) -> None:
    assert read(most) == most
    with pytest.raises(MalformedFrame):
        read(too_much)


def test_a_write_is_read_as_it_was_made() -> None:
    made = write(message("a", 1), chats=(chat("a"),))
    found = read(made)
    assert isinstance(found, Write)
    assert {name: list(rows) for name, rows in found.records.items() if rows} == made.records


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (write(), "1 to"),
        (write(*(message("a", n) for n in range(MAX_WRITE_RECORDS)), chats=(chat("a"),)), "1 to"),
        (write(message("a", 1), message("a", 1)), "different"),
        (write({**message("a", 1), "unknown": 1}), "registry"),
        (Write(mutations=(), records={CHATS: [chat("a")]}), "mutations"),
    ],
    ids=["nothing", "too much", "twice", "a field that is not known", "no mutation"],
)
def test_a_write_that_cannot_be_one_is_refused_with_the_reason(event: Write, says: str) -> None:
    with pytest.raises(MalformedFrame, match=says):
        read(event)


def test_the_bounds_are_those_of_the_protocol() -> None:
    assert (MAX_HAVE, MAX_LISTED_AT_ONCE, MAX_READ_CHATS) == (1_000, 5_000, 100)


def test_as_many_records_as_a_write_may_hold_pass() -> None:
    assert isinstance(read(write(*(message("a", n) for n in range(MAX_WRITE_RECORDS)))), Write)
    assert isinstance(read(write(message("a", 1))), Write)
