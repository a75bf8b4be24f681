"""What the server says, as frozen values; `codec` turns them into frames and back.

The annotations are what `codec` holds a frame to: types, and the most that a field may hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from hearth.core.dataclass_json import Size
from hearth.core.protocol.event_fields import MAX_WRITE_RECORDS, Counts, Mutations, Stamp
from hearth.core.records.schema import Collection, Id

MAX_COMPLETE: Final = 100_000
MAX_MESSAGE_CHARS: Final = 500


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
    QUOTA = "quota"
    """The account holds as much, or writes as often, as the server allows: later, or with room made, it may go."""


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
