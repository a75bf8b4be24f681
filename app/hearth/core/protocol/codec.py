"""Frames: one JSON object each, read and written here by both sides.

Server to device, `{"v": 1, "event": …, "seq": n, …}` and these fields:

| event                       | fields                                               | records                         |
| --------------------------- | ---------------------------------------------------- | ------------------------------- |
| first_chat_ready            | chat_id batch of counts complete                     | chats (0 or 1), messages        |
| recent_chats_ready          | total_chats batch of counts complete                 | chats, messages                 |
| settings_and_memories_ready | batch of counts complete                             | settings_and_memories           |
| remaining_chats_ready       | batch of counts complete                             | chats, messages                 |
| warming_complete            | stamp sent total_chats                               |                                 |
| up_to_date                  | stamp                                                |                                 |
| changes                     | since stamp batch of counts complete                 | chats, messages, settings_and_… |
| refetched                   | collection record_id batch of counts complete        | what `refetch` asked for        |
| error                       | code message                                         |                                 |
| pong                        |                                                      |                                 |

Device to server, `{"v": 1, "event": …, …}`: hello (device_id since have have_settings), opened (chat_id),
want (chat_id), refetch (collection record_id manifest_id), setting (written), ack (stamp), ping.

Records travel under `records`, by collection, so that the bulk can be handed to the store as it was
parsed; everything else is the *header*, small enough to be read field by field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any, Final, TypeVar

from hearth.core.errors import FrameTooLarge, MalformedFrame, UnknownEvent, WrongVersion
from hearth.core.protocol import events
from hearth.core.protocol.events import DeviceEvent, ServerEvent
from hearth.core.records.schema import MAX_ID_CHARS, MAX_SAFE_INTEGER, Collection, check_record

PROTOCOL_VERSION: Final = 1

MAX_FRAME_CHARS: Final = 16 * 1024 * 1024
"""The longest frame that a device reads. The server keeps to `BATCH_CHARS`, far below."""

BATCH_CHARS: Final = 1024 * 1024
"""The size at which the server begins a new frame of the same event: about 20 ms to parse and store."""

MAX_DEVICE_FRAME_CHARS: Final = 256 * 1024
"""The longest frame that the server reads: a manifest of 1,000 chats is some 130,000 characters, sealed."""

MAX_HAVE: Final = 1_000
MAX_WRITTEN: Final = 2
MAX_MESSAGE_CHARS: Final = 500
MAX_STAMP_CHARS: Final = 64

Records = Mapping[Collection, Sequence[Any]]
_E = TypeVar("_E")
_Reader = Callable[[str, object], Any]


def _text(limit: int) -> _Reader:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= limit:
            raise MalformedFrame(f'The field "{name}" must be text of 1 to {limit} characters.')
        return value

    return read


def _optional(reader: _Reader) -> _Reader:
    return lambda name, value: None if value is None else reader(name, value)


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SAFE_INTEGER:
        raise MalformedFrame(f'The field "{name}" must be an integer from 0 to 2**53 - 1.')
    return value


def _numbers(limit: int) -> _Reader:
    key = _text(MAX_ID_CHARS)

    def read(name: str, value: object) -> dict[str, int]:
        if not isinstance(value, Mapping) or len(value) > limit:
            raise MalformedFrame(f'The field "{name}" must be an object of at most {limit} entries.')
        return {key(name, each): _number(name, number) for each, number in value.items()}

    return read


def _one_of(names: type[StrEnum]) -> _Reader:
    def read(name: str, value: object) -> StrEnum:
        try:
            return names(str(value))
        except ValueError:
            known = ", ".join(names)
            raise MalformedFrame(f'The field "{name}" must be one of {known}.') from None

    return read


def _counts(name: str, value: object) -> dict[Collection, int]:
    if not isinstance(value, Mapping):
        raise MalformedFrame(f'The field "{name}" must be an object.')
    return {_one_of(Collection)(name, each): _number(name, number) for each, number in value.items()}


def _written(name: str, value: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_WRITTEN:
        raise MalformedFrame(f'The field "{name}" must be an array of 1 to {MAX_WRITTEN} records.')
    for record in value:
        if problem := check_record(Collection.SETTINGS_AND_MEMORIES, record):
            raise MalformedFrame(f'A record of "{name}" is refused: {problem}.')
        if record["deleted_at"] is not None or record["sealed"] is None:
            raise MalformedFrame(f'A record of "{name}" must be sealed, and not deleted.')
    if len({record["id"] for record in value}) != len(value):
        raise MalformedFrame(f'The records of "{name}" must be different ones.')
    return tuple(value)


_ID = _text(MAX_ID_CHARS)
_STAMP = _text(MAX_STAMP_CHARS)
_READERS: Final[Mapping[str, _Reader]] = {
    "seq": _number,
    "batch": _number,
    "of": _number,
    "total_chats": _number,
    "counts": _counts,
    "sent": _counts,
    "complete": _numbers(100_000),
    "chat_id": _ID,
    "record_id": _ID,
    "manifest_id": _ID,
    "device_id": _ID,
    "written": _written,
    "stamp": _STAMP,
    "since": _STAMP,
    "collection": _one_of(Collection),
    "code": _one_of(events.ErrorCode),
    "message": _text(MAX_MESSAGE_CHARS),
    "have": _numbers(MAX_HAVE),
    "have_settings": _numbers(10 * MAX_HAVE),
}
"""How each field is read, whatever the event; a field whose type allows None may also be null."""

_SERVER: Final[Mapping[str, type[ServerEvent]]] = {
    kind.name: kind
    for kind in (
        events.FirstChatReady,
        events.RecentChatsReady,
        events.SettingsAndMemoriesReady,
        events.RemainingChatsReady,
        events.WarmingComplete,
        events.UpToDate,
        events.Changes,
        events.Refetched,
        events.ServerError,
        events.Pong,
    )
}
_DEVICE: Final[Mapping[str, type[DeviceEvent]]] = {
    kind.name: kind
    for kind in (events.Hello, events.Opened, events.Want, events.Refetch, events.Setting, events.Ack, events.Ping)
}


def read_server_header(header: object, sizes: Mapping[str, int]) -> ServerEvent:
    """Turn a frame's header into an event; `sizes` is the length of each array under `records`.

    Raises `WrongVersion`, `UnknownEvent` or `MalformedFrame`, which name the field that is wrong.
    """
    event = _read(header, _SERVER)
    if event.seq < 1:
        raise MalformedFrame('The field "seq" must count the frames of a connection from 1.')
    promised = event.counts if isinstance(event, events.RecordsEvent) else {}
    held = {name: size for name, size in sizes.items() if size}
    if held != {name.value: count for name, count in promised.items() if count}:
        raise MalformedFrame("The frame does not hold the records that its counts promise.")
    return event


def read_device_frame(text: str) -> DeviceEvent:
    """Turn a device's frame into an event.

    Raises `FrameTooLarge`, `WrongVersion`, `UnknownEvent` or `MalformedFrame`, fit to be sent back.
    """
    if len(text) > MAX_DEVICE_FRAME_CHARS:
        raise FrameTooLarge(f"A frame may be {MAX_DEVICE_FRAME_CHARS} characters long, not {len(text)}.")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedFrame("The frame is not JSON.") from None
    return _read(header, _DEVICE)


def write_server_frame(event: ServerEvent, records: Records | None = None) -> str:
    """The frame of a server's event as JSON text."""
    frame = _header(event)
    if records:
        frame["records"] = {name.value: list(rows) for name, rows in records.items() if rows}
    return json.dumps(frame, separators=(",", ":"))


def write_device_frame(event: DeviceEvent) -> str:
    """The frame of a device's event as JSON text."""
    return json.dumps(_header(event), separators=(",", ":"))


def _header(event: ServerEvent | DeviceEvent) -> dict[str, Any]:
    header: dict[str, Any] = {"v": PROTOCOL_VERSION, "event": event.name.value}
    header.update((each.name, getattr(event, each.name)) for each in fields(event))
    return header


def _read(header: object, kinds: Mapping[str, type[_E]]) -> _E:
    if not isinstance(header, Mapping):
        raise MalformedFrame("The frame is not a JSON object.")
    version = header.get("v")
    if isinstance(version, bool) or version != PROTOCOL_VERSION:
        raise WrongVersion(f"This frame speaks protocol version {version!r:.20}, not {PROTOCOL_VERSION}.")
    name = header.get("event")
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise UnknownEvent(f"There is no event {name!r:.40} in protocol version {PROTOCOL_VERSION}.")
    values: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        reader = _READERS[each.name]
        if "None" in str(each.type):
            reader = _optional(reader)
        if each.name in header:
            values[each.name] = reader(each.name, header[each.name])
        elif each.name in _REQUIRED[kind]:
            raise MalformedFrame(f'The event {name} lacks the field "{each.name}".')
    return kind(**values)


def _required(kind: type[Any]) -> frozenset[str]:
    return frozenset(each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING)


_REQUIRED: Final[Mapping[type[Any], frozenset[str]]] = {
    kind: _required(kind) for kind in (*_SERVER.values(), *_DEVICE.values())
}
