"""Frames: both sides read what the other writes, and refuse what is malformed with a sentence that says why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.errors import FrameTooLarge, MalformedFrame, ProtocolError, UnknownEvent, WrongVersion
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import (
    MAX_HAVE,
    Ack,
    ChatOpened,
    DeviceEvent,
    DeviceEventName,
    Hello,
    ListOlder,
    Ping,
    ReadChats,
    Refetch,
    Want,
    Write,
)
from hearth.core.protocol.event_fields import MAX_MUTATIONS, MAX_STAMP_CHARS, MAX_WRITE_RECORDS
from hearth.core.protocol.server_events import (
    MAX_MESSAGE_CHARS,
    Changes,
    ChatsRead,
    ErrorCode,
    EventName,
    FirstChatReady,
    OlderChatsReady,
    Pong,
    RecentChatsReady,
    RecordsEvent,
    Refetched,
    Refusal,
    Refused,
    RemainingChatsReady,
    ServerError,
    ServerEvent,
    SessionEnd,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
    Written,
)
from hearth.core.records.schema import Collection
from tests.contracts.records import chat, message

CHATS, MESSAGES, ENTRIES = Collection

SERVER_EVENTS: list[ServerEvent] = [
    FirstChatReady(seq=1, chat_id=None),
    FirstChatReady(seq=1, chat_id="a", counts={CHATS: 1, MESSAGES: 2}, complete={"a": 7}),
    RecentChatsReady(seq=2, total_chats=100, batch=1, of=3),
    SettingsAndMemoriesReady(seq=3, counts={ENTRIES: 1}),
    RemainingChatsReady(seq=4, batch=2, of=2, complete={"b": 2**53 - 1}),
    WarmingComplete(seq=5, stamp="9", sent={CHATS: 100, MESSAGES: 4000}, total_chats=100),
    WarmingComplete(seq=5, stamp="9", sent={}, total_chats=100, older_count=200, listed_to=1_700, listed_id="c"),
    OlderChatsReady(seq=8, older_count=100, listed_to=1_600, listed_id="d", counts={CHATS: 100}),
    OlderChatsReady(seq=8, older_count=0),
    ChatsRead(seq=9, older_count=3, listed_to=1_500, listed_id="e", counts={CHATS: 2, MESSAGES: 5}),
    ChatsRead(seq=9),
    UpToDate(seq=1, stamp="9"),
    Changes(seq=1, since="8", stamp="9", counts={CHATS: 1}),
    Refetched(seq=6, collection=MESSAGES, record_id="m"),
    Written(seq=7, mutations=("one", "two"), since="8", stamp="9", changed_at=9),
    Refused(seq=8, mutations=("one",), reason=Refusal.DELETED, message="It is gone.", ids=("a",)),
    Refused(seq=8, mutations=("one",), reason=Refusal.MOVED_ON, message="Later.", counts={CHATS: 1, ENTRIES: 1}),
    ServerError(seq=1, code=ErrorCode.BUSY, message="Later."),
    Pong(seq=7),
    Pong(seq=7, time=1_800_000_000_000),
    Pong(seq=7, time=1_800_000_000_000, max_record_chars=999_500),
]
DEVICE_EVENTS: list[DeviceEvent] = [
    Hello(device_id="d"),
    Hello(device_id="d", since="9"),
    Hello(device_id="d", have={"a": 1}, have_settings={"e": 2}),
    ChatOpened(chat_id="a"),
    Want(chat_id="a"),
    Refetch(collection=MESSAGES, record_id="m"),
    ListOlder(),
    ListOlder(listed_to=1_700, listed=("b", "c")),
    ReadChats(),
    ReadChats(ids=("a", "b")),
    ReadChats(listed_to=1_700, listed=("b", "c")),
    Ack(stamp="9"),
    Write(mutations=("one",), records={CHATS: (chat("a"),), MESSAGES: (message("a", 1),)}),
    Write(mutations=("one",), records={MESSAGES: (message("a", 1),)}, follows=7),
    Ping(),
]


def read_back(event: ServerEvent) -> ServerEvent:
    counts = event.counts if isinstance(event, RecordsEvent) else {}
    sizes = {name.value: count for name, count in counts.items()}
    return codec.read_server_header(json.loads(codec.write_server_frame(event)), sizes)


@pytest.mark.parametrize("event", SERVER_EVENTS, ids=lambda event: str(event.name))
def test_the_device_reads_what_the_server_writes(event: ServerEvent) -> None:
    assert read_back(event) == event


@pytest.mark.parametrize("event", DEVICE_EVENTS, ids=lambda event: str(event.name))
def test_the_server_reads_what_the_device_writes(event: DeviceEvent) -> None:
    assert codec.read_device_frame(codec.write_device_frame(event)) == event


def test_every_event_name_has_an_example_here() -> None:
    assert {event.name for event in SERVER_EVENTS} == set(EventName)
    assert {event.name for event in DEVICE_EVENTS} == set(DeviceEventName)


def test_records_travel_by_collection_and_empty_ones_do_not() -> None:
    text = codec.write_server_frame(FirstChatReady(seq=1, chat_id="a"), {CHATS: [{"id": "a"}], MESSAGES: []})
    assert json.loads(text)["records"] == {"chats": [{"id": "a"}]}


GOOD = {"v": 1, "event": "first_chat_ready", "seq": 1, "chat_id": None}


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"v": 2}, WrongVersion, "version 2"),
        ({"v": None}, WrongVersion, "version None"),
        ({"v": True}, WrongVersion, "version True"),
        ({"event": "nonsense"}, UnknownEvent, "nonsense"),
        ({"event": 5}, UnknownEvent, "5"),
        ({"event": "hello", "device_id": "d"}, UnknownEvent, "hello"),
        ({"seq": 0}, MalformedFrame, "seq"),
        ({"seq": True}, MalformedFrame, "seq"),
        ({"seq": "1"}, MalformedFrame, "seq"),
        ({"seq": 2**53}, MalformedFrame, "seq"),
        ({"chat_id": ""}, MalformedFrame, "chat_id"),
        ({"chat_id": 5}, MalformedFrame, "chat_id"),
        ({"chat_id": "x" * 65}, MalformedFrame, "chat_id"),
        ({"complete": []}, MalformedFrame, "complete"),
        ({"complete": {"a": -1}}, MalformedFrame, "complete"),
        ({"counts": {"secrets": 1}}, MalformedFrame, "counts"),
        ({"counts": {"chats": 1}}, MalformedFrame, "counts promise"),
    ],
)
def test_a_bad_header_is_refused_with_its_reason(change: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        codec.read_server_header(GOOD | change, {})


def test_a_missing_field_is_named() -> None:
    with pytest.raises(MalformedFrame, match="chat_id"):
        codec.read_server_header({"v": 1, "event": "first_chat_ready", "seq": 1}, {})


@pytest.mark.parametrize(
    ("body", "end"),
    [
        *((json.dumps({"error": {"code": end.value, "message": "Sign in."}}), end) for end in SessionEnd),
        ('{"error": {"code": "suspended", "message": "A later version says why."}}', SessionEnd.UNKNOWN),
        *((body, None) for body in ("", "<h1>Sign in to the Wi-Fi</h1>", "[]", "{}", '{"error": "no"}', "[" * 99_999)),
        ('{"error": {"code": 401}}', None),
    ],
)
def test_why_a_session_is_over_is_read_only_from_an_answer_of_the_server(body: str, end: SessionEnd | None) -> None:
    assert codec.read_session_end(body) is end


def test_records_that_were_not_promised_are_refused() -> None:
    with pytest.raises(MalformedFrame, match="counts"):
        codec.read_server_header(GOOD, {"chats": 1})


def test_an_oversized_device_frame_is_refused_unread() -> None:
    with pytest.raises(FrameTooLarge):
        codec.read_device_frame(" " * (codec.MAX_DEVICE_FRAME_CHARS + 1))


def test_the_limits_are_those_of_the_protocol() -> None:
    assert (codec.MAX_FRAME_CHARS, codec.BATCH_CHARS) == (16 * 1024 * 1024, 1024 * 1024)
    assert codec.MAX_DEVICE_FRAME_CHARS == 1024 * 1024
    assert (MAX_MUTATIONS, MAX_WRITE_RECORDS) == (100, 300)
    assert (MAX_HAVE, MAX_MESSAGE_CHARS, MAX_STAMP_CHARS) == (1_000, 500, 64)


def test_each_limit_is_the_longest_that_passes() -> None:
    longest: dict[str, Any] = {
        "have": {f"c{n}": 1 for n in range(MAX_HAVE)},
        "since": "s" * MAX_STAMP_CHARS,
    }
    hello: dict[str, Any] = {"v": 1, "event": "hello", "device_id": "d", **longest}
    codec.read_device_frame(json.dumps(hello))
    for name, value in (("have", {**hello["have"], "one": 1}), ("since", hello["since"] + "s")):
        with pytest.raises(MalformedFrame, match=name):
            codec.read_device_frame(json.dumps({**hello, name: value}))
    most = {f"e{n}": 0 for n in range(10 * MAX_HAVE)}
    codec.read_device_frame(json.dumps({**hello, "have": {}, "have_settings": most}))
    with pytest.raises(MalformedFrame, match="have_settings"):
        codec.read_device_frame(json.dumps({**hello, "have": {}, "have_settings": {**most, "one": 0}}))
    every = {f"c{n}": 0 for n in range(100_000)}
    codec.read_server_header({**GOOD, "complete": every}, {})
    with pytest.raises(MalformedFrame, match="complete"):
        codec.read_server_header({**GOOD, "complete": {**every, "one": 0}}, {})
    codec.read_device_frame(json.dumps({"v": 1, "event": "ping"}).ljust(codec.MAX_DEVICE_FRAME_CHARS))
    with pytest.raises(FrameTooLarge):
        codec.read_device_frame(json.dumps({"v": 1, "event": "ping"}).ljust(codec.MAX_DEVICE_FRAME_CHARS + 1))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["v", "event", "seq", "have", "since", "device_id", "chat_id", "counts", "stamp", "of"])
names = st.sampled_from([*EventName, *DeviceEventName])
frames = st.builds(
    lambda name, rest: {"v": 1, "event": str(name), "seq": 1, **rest},
    names,
    st.dictionaries(fields, json_values),
)


@given(st.one_of(json_values, frames))
def test_whatever_comes_is_read_or_refused_by_name(value: Any) -> None:
    for read in (
        lambda: codec.read_server_header(value, {}),
        lambda: codec.read_device_frame(json.dumps(value)),
        lambda: codec.read_device_frame(str(value)),
    ):
        try:
            read()
        except ProtocolError as error:
            assert len(str(error)) < 200  # noqa: PT017 - it may also be read


def test_what_an_event_is_when_nothing_else_is_said() -> None:
    event = SettingsAndMemoriesReady()
    assert (event.seq, event.batch, event.of, event.counts, event.complete) == (0, 1, 1, {}, {})
