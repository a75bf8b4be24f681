"""What the server says and what the device says, as frozen values; `codec` turns them into frames and back.

The annotations are what `codec` holds a frame to: types, and the most that a field may hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from hearth.core.dataclass_json import Check, Size
from hearth.core.records.schema import Collection, Id, check_record

MAX_COMPLETE: Final = 100_000
MAX_HAVE: Final = 1_000
MAX_HAVE_SETTINGS: Final = 10_000
MAX_MUTATIONS: Final = 100
MAX_WRITE_RECORDS: Final = 300
MAX_LISTED_AT_ONCE: Final = 5_000
MAX_READ_CHATS: Final = 100
MAX_MESSAGE_CHARS: Final = 500
MAX_STAMP_CHARS: Final = 64

Stamp = Annotated[str, Size(MAX_STAMP_CHARS, least=1)]
"""A moment of the server's, opaque to the device."""

Counts = Mapping[Collection, int]
"""How many records of each collection a frame holds; a collection that is not named has none."""


class EventName(StrEnum):
    """The names of the server's events, in the order of the protocol; no event overtakes a lower one."""

    FIRST_CHAT_READY = "first_chat_ready"
    RECENT_CHATS_READY = "recent_chats_ready"
    SETTINGS_AND_MEMORIES_READY = "settings_and_memories_ready"
    REMAINING_CHATS_READY = "remaining_chats_ready"
    WARMING_COMPLETE = "warming_complete"
    UP_TO_DATE = "up_to_date"
    CHANGES = "changes"
    REFETCHED = "refetched"
    WRITTEN = "written"
    REFUSED = "refused"
    OLDER_CHATS_READY = "older_chats_ready"
    CHATS_READ = "chats_read"
    ERROR = "error"
    PONG = "pong"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """Base of the server's events; `seq` counts the frames of one connection from 1."""

    name: ClassVar[EventName]
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsEvent(ServerEvent):
    """An event that carries records: part `batch` of `of` of its phase.

    `complete` maps a chat's id to its `changed_at` once the device holds the chat's metadata and all
    its messages as of that stamp.
    """

    counts: Counts = field(default_factory=dict)
    complete: Annotated[Mapping[Id, int], Size(MAX_COMPLETE)] = field(default_factory=dict)
    batch: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstChatReady(RecordsEvent):
    """Event 1: the last opened chat and all its messages; `chat_id` is None when there is none."""

    name: ClassVar[EventName] = EventName.FIRST_CHAT_READY
    chat_id: Id | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChatsReady(RecordsEvent):
    """Event 2: the ten last updated chats with their messages, and the metadata of the others.

    `total_chats` is how many chats this warming brings in all.
    """

    name: ClassVar[EventName] = EventName.RECENT_CHATS_READY
    total_chats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsAndMemoriesReady(RecordsEvent):
    """Event 3: every app setting and memory."""

    name: ClassVar[EventName] = EventName.SETTINGS_AND_MEMORIES_READY


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingChatsReady(RecordsEvent):
    """Event 4, several batches: the messages of the other chats."""

    name: ClassVar[EventName] = EventName.REMAINING_CHATS_READY


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmingComplete(ServerEvent):
    """Event 5: where the device now stands, and how many records were sent on the way.

    The account has `older_count` more chats than the last updated ones that the warming brings; the last of those is
    `listed_id`, updated at `listed_to` (None when there is none).
    """

    name: ClassVar[EventName] = EventName.WARMING_COMPLETE
    stamp: Stamp
    sent: Counts
    total_chats: int
    older_count: int = 0
    listed_to: int | None = None
    listed_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpToDate(ServerEvent):
    """Nothing changed since the stamp that the device named."""

    name: ClassVar[EventName] = EventName.UP_TO_DATE
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(RecordsEvent):
    """What changed between `since` and `stamp`; tombstones are records whose `deleted_at` is set."""

    name: ClassVar[EventName] = EventName.CHANGES
    since: Stamp
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Refetched(RecordsEvent):
    """The answer to `Refetch`: the record as the server holds it, or none, and what was to come along."""

    name: ClassVar[EventName] = EventName.REFETCHED
    collection: Collection
    record_id: Id


Mutations = Annotated[Sequence[Id], Size(MAX_MUTATIONS, least=1)]
"""The ids of mutations, each made by the device that it was made on, in the order in which they were made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(ServerEvent):
    """The answer to `Write`: all of it is on the disk, with `changed_at` as the records' own stamp.

    A device that stands at `since` stands at `stamp` now. The same write sent again gets the same `mutations`, `stamp`
    and `changed_at`.
    """

    name: ClassVar[EventName] = EventName.WRITTEN
    mutations: Mutations
    since: Stamp
    stamp: Stamp
    changed_at: int


class Refusal(StrEnum):
    """Why a write was refused; nothing of it is on the disk."""

    MOVED_ON = "moved-on"
    """A record is not the next version of what is on the disk: the records that are there come along."""
    DELETED = "deleted"
    """A chat or a message that it is about is deleted: its tombstone comes along."""
    INVALID = "invalid"
    """It can never be written: it is not the account's own, changes what must not change, or is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(RecordsEvent):
    """The answer to a `Write` that was refused: the records that it met, as they are on the disk.

    `message` is a sentence fit to be shown; `ids` are the records because of which it was refused.
    """

    name: ClassVar[EventName] = EventName.REFUSED
    mutations: Mutations
    reason: Refusal
    message: Annotated[str, Size(MAX_MESSAGE_CHARS, least=1)]
    ids: Annotated[Sequence[Id], Size(MAX_WRITE_RECORDS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderChatsReady(RecordsEvent):
    """The answer to `ListOlder`: the next chats down the list, without their messages.

    The last of them is `listed_id`, updated at `listed_to` (None when there is none); `older_count` come after it.
    """

    name: ClassVar[EventName] = EventName.OLDER_CHATS_READY
    older_count: int
    listed_to: int | None = None
    listed_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatsRead(RecordsEvent):
    """The answer to `ReadChats`: chats with all their messages, and where in the list the last of them stands.

    The fields are those of `OlderChatsReady`; for chats that were named they say nothing.
    """

    name: ClassVar[EventName] = EventName.CHATS_READ
    older_count: int = 0
    listed_to: int | None = None
    listed_id: Id | None = None


class ErrorCode(StrEnum):
    """Why the server could not serve; it closes the socket after `BAD_FRAME`, `VERSION` and `SESSION`."""

    BAD_FRAME = "bad-frame"
    VERSION = "version"
    SESSION = "session"
    BUSY = "busy"
    """The disk behind the server does not answer now: try again later."""


class SessionEnd(StrEnum):
    """Why a session is not open, over HTTP and on the WebSocket: what a device does with what it stores."""

    REVOKED = "revoked"
    """Somebody ended it: the person signed out, here or on another device, or there is no such account any longer."""
    EXPIRED = "expired"
    """Its time is over."""
    UNKNOWN = "unknown"
    """The server knows no such session: it was never there, or the server has lost it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError(ServerEvent):
    """The server could not serve; `message` is a sentence fit to be shown, `reason` there with `SESSION` only."""

    name: ClassVar[EventName] = EventName.ERROR
    code: ErrorCode
    message: Annotated[str, Size(MAX_MESSAGE_CHARS, least=1)]
    reason: SessionEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(ServerEvent):
    """The answer to `Ping`; `time` is the server's, in milliseconds since 1970.

    `max_record_chars` is the longest record, as JSON text, that the server takes. A server of an earlier version says
    neither.
    """

    name: ClassVar[EventName] = EventName.PONG
    time: int | None = None
    max_record_chars: int | None = None


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
    """

    name: ClassVar[DeviceEventName] = DeviceEventName.WRITE
    mutations: Mutations
    records: WriteRecords


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
