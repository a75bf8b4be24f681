"""What the device says, as frozen values; `codec` turns them into frames and back.

The annotations are what `codec` holds a frame to: types, and the most that a field may hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from hearth.core.dataclass_json import Check, Size
from hearth.core.protocol.event_fields import MAX_WRITE_RECORDS, Mutations, Stamp
from hearth.core.records.schema import Collection, Id, check_record

MAX_HAVE: Final = 1_000
MAX_HAVE_SETTINGS: Final = 10_000
MAX_LISTED_AT_ONCE: Final = 5_000
MAX_READ_CHATS: Final = 100


class DeviceEventName(StrEnum):
    """The names of the frames that a device sends."""

    HELLO = "hello"
    OPENED = "opened"
    WANT = "want"
    REFETCH = "refetch"
    WRITE = "write"
    LIST_OLDER = "list_older"
    READ_CHATS = "read_chats"
    ACK = "ack"
    PING = "ping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first frame of a connection.

    `since` is the stamp that the device has fully stored (a reload, or a reconnection). Without it, `have`
    maps the chats that an interrupted warming has already brought, each to its `changed_at`, and
    `have_settings` the same for settings and memories: neither travels again unless changed.
    """

    name: ClassVar[DeviceEventName] = DeviceEventName.HELLO
    device_id: Id
    since: Stamp | None = None
    have: Annotated[Mapping[Id, int], Size(MAX_HAVE)] = field(default_factory=dict)
    have_settings: Annotated[Mapping[Id, int], Size(MAX_HAVE_SETTINGS)] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOpened:
    """The person opened a chat: the server's `last_opened` follows."""

    name: ClassVar[DeviceEventName] = DeviceEventName.OPENED
    chat_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """The person opened a chat whose messages are not on the device yet: it goes out next."""

    name: ClassVar[DeviceEventName] = DeviceEventName.WANT
    chat_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Refetch:
    """A record did not open; the device asks for it once more.

    With `manifest_id` it is a chat that is not as the manifest has it: its messages and the manifest's record
    come along, all of one moment.
    """

    name: ClassVar[DeviceEventName] = DeviceEventName.REFETCH
    collection: Collection
    record_id: Id
    manifest_id: Id | None = None


def _repetition(records: Sequence[Mapping[str, Any]]) -> str | None:
    return None if len({record["id"] for record in records}) == len(records) else "its records must be different ones"


def _write_problem(records: Mapping[Collection, Sequence[Mapping[str, Any]]]) -> str | None:
    """What is wrong with the records of a write, or None."""
    count = sum(map(len, records.values()))
    if not 0 < count <= MAX_WRITE_RECORDS:
        return f"it must hold 1 to {MAX_WRITE_RECORDS} records"
    for collection, rows in records.items():
        for record in rows:
            if problem := check_record(collection, record):
                return problem
        if problem := _repetition(rows):
            return problem
    return None


WriteRecords = Annotated[
    Mapping[Collection, Annotated[Sequence[Mapping[str, Any]], Size(MAX_WRITE_RECORDS)]], Check(_write_problem)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What the person did, in one or several mutations: records as they are to be stored, and the manifest of them.

    Each record is the next version of the one that the device has, or the first. `changed_at` and `deleted_at` are the
    server's: it sets both, and takes any `deleted_at` but null for "deleted". All of it is written, or nothing; the
    answer is `Written` or `Refused`. What a repeated write has written already counts as written.

    With `follows`, the version of the manifest that the device has, a record may also be of a later version than the
    next one: a version under which something was sealed and refused is not used again.
    """

    name: ClassVar[DeviceEventName] = DeviceEventName.WRITE
    mutations: Mutations
    records: WriteRecords
    follows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOlder:
    """The person wants older chats listed: those that were last updated at `listed_to` or earlier, 100 at most.

    `listed` are the chats updated at that very moment that the device lists already. Without a moment the list begins
    at its top: a device does not know how far its own goes when it was made by an earlier version.
    """

    name: ClassVar[DeviceEventName] = DeviceEventName.LIST_OLDER
    listed_to: int | None = None
    listed: Annotated[Sequence[Id], Size(MAX_LISTED_AT_ONCE)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadChats:
    """The device wants chats with their messages, to read and not to store: those with these ids.

    Of those it gets what is deleted, too, as tombstones: an import has to know which ids are used up. Without ids it is
    the next 100 of the list, and `listed_to` and `listed` are those of `ListOlder`.
    """

    name: ClassVar[DeviceEventName] = DeviceEventName.READ_CHATS
    ids: Annotated[Sequence[Id], Size(MAX_READ_CHATS)] = ()
    listed_to: int | None = None
    listed: Annotated[Sequence[Id], Size(MAX_LISTED_AT_ONCE)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Everything up to `stamp` is counted and stored on the device."""

    name: ClassVar[DeviceEventName] = DeviceEventName.ACK
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """The heartbeat."""

    name: ClassVar[DeviceEventName] = DeviceEventName.PING


DeviceEvent = Hello | ChatOpened | Want | Refetch | ListOlder | ReadChats | Write | Ack | Ping
