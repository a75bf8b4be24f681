"""Frames: one JSON object each, read and written here by both sides.

Server to device, `{"v": 1, "event": …, "seq": n, …}` and these fields:

| event                       | fields                                               | records                         |
| --------------------------- | ---------------------------------------------------- | ------------------------------- |
| first_chat_ready            | chat_id batch of counts complete                     | chats (0 or 1), messages        |
| recent_chats_ready          | total_chats batch of counts complete                 | chats, messages                 |
| settings_and_memories_ready | batch of counts complete                             | settings_and_memories           |
| remaining_chats_ready       | batch of counts complete                             | chats, messages                 |
| warming_complete            | stamp sent total_chats older_count listed_to …_id    |                                 |
| up_to_date                  | stamp                                                |                                 |
| changes                     | since stamp batch of counts complete                 | chats, messages, settings_and_… |
| refetched                   | collection record_id batch of counts complete        | what `refetch` asked for        |
| written                     | mutations since stamp changed_at                     |                                 |
| refused                     | mutations reason message ids batch of counts         | the records as they are         |
| older_chats_ready           | older_count listed_to listed_id, and as above        | chats                           |
| chats_read                  | as older_chats_ready                                 | chats, messages                 |
| error                       | code message reason                                  |                                 |
| pong                        | time max_record_chars                                |                                 |

Device to server, `{"v": 1, "event": …, …}`: hello (device_id since have have_settings), opened (chat_id),
want (chat_id), refetch (collection record_id manifest_id), list_older (listed_to listed),
read_chats (ids listed_to listed), write (mutations records), ack (stamp), ping.

Records travel under `records`, by collection, so that the bulk can be handed to the store as it was
parsed; everything else is the *header*, small enough to be read field by field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, get_args

from hearth.core import dataclass_json
from hearth.core.dataclass_json import BadField
from hearth.core.errors import FrameTooLarge, MalformedFrame, UnknownEvent, WrongVersion
from hearth.core.json_text import read_json
from hearth.core.protocol.device_events import DeviceEvent
from hearth.core.protocol.server_events import (
    Changes,
    ChatsRead,
    FirstChatReady,
    OlderChatsReady,
    Pong,
    RecentChatsReady,
    RecordsEvent,
    Refetched,
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

PROTOCOL_VERSION: Final = 1

MAX_FRAME_CHARS: Final = 16 * 1024 * 1024
"""The longest frame that a device reads. The server keeps to `BATCH_CHARS`, far below."""

BATCH_CHARS: Final = 1024 * 1024
"""The size at which the server begins a new frame of the same event: about 20 ms to parse and store."""

MAX_RECORD_CHARS: Final = 12 * 1024 * 1024
"""The longest record that a server may take: with what else is in its frame, a device still reads it."""

MAX_DEVICE_FRAME_CHARS: Final = 1024 * 1024
"""The longest frame that the server reads from a connection."""

POSTED_FROM_CHARS: Final = 256 * 1024
"""A device posts a frame that is longer than this over HTTP, beside its connection: a long frame would hold up the
heartbeats behind it, and a slow connection would count as lost before it is through."""

Records = Mapping[Collection, Sequence[Any]]
_E = TypeVar("_E")

_SERVER: Final[Mapping[str, type[ServerEvent]]] = {
    kind.name: kind
    for kind in (
        FirstChatReady,
        RecentChatsReady,
        SettingsAndMemoriesReady,
        RemainingChatsReady,
        WarmingComplete,
        UpToDate,
        Changes,
        Refetched,
        Written,
        Refused,
        OlderChatsReady,
        ChatsRead,
        ServerError,
        Pong,
    )
}
_DEVICE: Final[Mapping[str, type[DeviceEvent]]] = {kind.name: kind for kind in get_args(DeviceEvent)}


def read_server_header(header: object, sizes: Mapping[str, int]) -> ServerEvent:
    """Turn a frame's header into an event; `sizes` is the length of each array under `records`.

    Raises `WrongVersion`, `UnknownEvent` or `MalformedFrame`, which name the field that is wrong.
    """
    event = _read(header, _SERVER)
    if event.seq < 1:
        raise MalformedFrame('The field "seq" must count the frames of a connection from 1.')
    promised = event.counts if isinstance(event, RecordsEvent) else {}
    held = {name: size for name, size in sizes.items() if size}
    if held != {name.value: count for name, count in promised.items() if count}:
        raise MalformedFrame("The frame does not hold the records that its counts promise.")
    return event


def read_device_frame(text: str, most: int = MAX_DEVICE_FRAME_CHARS) -> DeviceEvent:
    """Turn a device's frame of at most so many characters into an event.

    Raises `FrameTooLarge`, `WrongVersion`, `UnknownEvent` or `MalformedFrame`, fit to be sent back.
    """
    if len(text) > most:
        raise FrameTooLarge(f"A frame may be {most} characters long, not {len(text)}.")
    try:
        header = read_json(text)
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


def read_session_end(body: str) -> SessionEnd | None:
    """Why a session is over, from the body of a 401; None when that is not an answer of Hearth's server.

    A code that this version does not know wipes nothing: it counts as `UNKNOWN`.
    """
    try:
        code = json.loads(body)["error"]["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(code, str):
        return None
    return SessionEnd(code) if code in set(SessionEnd) else SessionEnd.UNKNOWN


def _header(event: ServerEvent | DeviceEvent) -> dict[str, Any]:
    return {"v": PROTOCOL_VERSION, "event": event.name.value, **dataclass_json.write(event)}


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
    try:
        return dataclass_json.read(kind, header)
    except BadField as error:
        raise MalformedFrame(str(error)) from None
