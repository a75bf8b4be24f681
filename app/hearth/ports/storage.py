"""The port for storage: what an account keeps on the device, all of it ciphertext or clear metadata."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Protocol

from hearth.core.records.manifest_checks import Checked
from hearth.core.records.schema import Collection
from hearth.core.sync.older_chats import OlderChats
from hearth.ports.records import Records

FIRST_VIEW = "view"
"""The name under which `KeptValues` has what the page shows at its next start; see
`hearth.engine.storage.view_keeper`."""

EVERY_MESSAGE = 1_000_000
"""A limit beyond any chat's length, for whoever reads all of its messages."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where the device stands: a cursor, or what an interrupted warming has brought so far."""

    cursor: str | None = None
    last_opened: str | None = None
    have: Mapping[str, int] = field(default_factory=dict)
    have_settings: Mapping[str, int] = field(default_factory=dict)
    checked: Mapping[str, Checked] = field(default_factory=dict)
    """What the checks against the manifest found, by chat."""
    partial: Set[str] = frozenset()
    """Chats that are listed here although some of their messages have never come, or had to make room."""
    older: OlderChats | None = None
    """How far the list of chats goes, and how many lie beyond; None where that has never been told."""
    settled: bool = False
    """Whether `partial` is as it was written; else, after a `drop`, chats without messages were found to be."""


@dataclass(frozen=True, slots=True)
class InitialData:
    """What a session begins with: what is to be shown first, while the others are still being read."""

    state: SyncState
    first: Records
    """The chat to be shown first, or none when it is not here."""
    messages: Records
    """The last messages of that chat, oldest first; none is deleted."""
    outbox: Mapping[str, Any]
    """What waits in the outbox; see `Store.outbox`."""
    others: Callable[[], Awaitable[RemainingData]]
    """Waits for the others. Raises `StorageError`."""


@dataclass(frozen=True, slots=True)
class RemainingData:
    """What else a session begins with."""

    chats: Records
    """Every chat that is not deleted."""
    entries: Records
    """Every record of app settings and memories that is not deleted."""
    kept: Any | None
    """What is kept, sealed, under the name that was asked for."""
    names: Sequence[str]
    """The names of all values that are kept."""
    shards: Sequence[str]
    """The names of the shards of the search index that are kept."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes: records, and what they make true of the sync state."""

    records: Mapping[Collection, Records] = field(default_factory=dict)
    complete: Mapping[str, int] = field(default_factory=dict)
    cursor: str | None = None
    last_opened: str | None = None
    checked: Mapping[str, Checked] = field(default_factory=dict)
    replace: bool = False
    """Whether a record replaces one of the same version: a refetched one replaces the damaged one."""
    partial: Set[str] | None = None
    """The chats that are listed but not whole from now on; None leaves them as they are."""
    older: OlderChats | None = None
    """How far the list goes from now on; None leaves it as it is."""
    leave_out: Set[str] = frozenset()
    """The chats whose messages are not written, for lack of room."""
    outbox: Mapping[str, Any | None] = field(default_factory=dict)
    """What is put into the outbox under a name, sealed; None takes out what is there."""
    forget_view: bool = False
    """Whether what is kept under `FIRST_VIEW` goes in the same transaction. With a chat's tombstone it always does."""


@dataclass(frozen=True, slots=True)
class Position:
    """A message's place in its chat; messages are ordered by it."""

    created_at: int
    id: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """A page of a chat's messages: those to be opened, the ids of all that are there, where the next page begins."""

    records: Records
    live: tuple[str, ...]
    next: Position | None


class KeptValues(Protocol):
    """What a device keeps for itself beside the records: sealed values under names."""

    async def names(self) -> list[str]:
        """The names of all values."""

    async def read(self, name: str) -> Any | None:
        """A value, sealed, or None."""

    async def keep(self, name: str, sealed: Any) -> None:
        """Keep a value, sealed, in the place of the one before. Raises `StorageError`."""

    async def forget(self, names: Iterable[str]) -> None:
        """Forget some values."""


class SearchIndexStore(Protocol):
    """What is kept of the search index: sealed shards, and marks at the chats that changed since.

    The store sets a chat's mark, with a new token, in the transaction that changes its messages.
    """

    async def names(self) -> list[str]:
        """The names of the shards."""

    async def read(self, name: str) -> Any | None:
        """A shard, sealed, or None."""

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep a shard, sealed. Marks that have these tokens still go in the same transaction."""

    async def settle(self, settles: Mapping[str, str]) -> None:
        """Take marks away that have these tokens still."""

    async def forget(self, names: Iterable[str]) -> None:
        """Forget some shards."""

    async def marks(self) -> dict[str, str]:
        """The chats that changed since they were indexed, each with its token."""

    async def page(self, chat_id: str, known: Mapping[str, int], after: Position | None, limit: int) -> IndexPage:
        """The messages of a chat after a position, `limit` at most, oldest first.

        Those that `known` has in the same version are not among the records.
        """


Keep = Callable[[str, Any], Awaitable[None]]
"""Stores a sealed value under a name; see `KeptValues.keep`."""

KeepShard = Callable[[str, Any, Mapping[str, str]], Awaitable[None]]
"""Stores a sealed shard; see `SearchIndexStore.keep`."""


class Store(Protocol):
    """The device's storage for one account: ciphertext as it came, and the sync state."""

    @property
    def kept_values(self) -> KeptValues:
        """What the device keeps for itself."""

    @property
    def search_index(self) -> SearchIndexStore:
        """What is kept of the search index."""

    async def apply(self, batch: Batch) -> None:
        """Write a batch in one transaction: all of it or nothing. The higher version of a record wins.

        A chat's tombstone takes its messages along. Raises `StorageError`; `QuotaExceeded` where `drop` may help.
        """

    async def drop(self, chats: Set[str]) -> None:
        """Make room: remove these chats' messages, and all shards of the search index, in one transaction.

        The chats stay listed, and are partial. On a full disk nothing can be added, not even a note of that: what is
        partial is not settled until the next batch says it.
        """

    async def start_over(self) -> None:
        """Remove, in one transaction, everything that came from the server, and where the device stands.

        The outbox stays.
        """

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats of which messages are stored, or among more messages."""

    async def load_initial(self, first: str | None, limit: int, kept: str) -> InitialData:
        """Read what a session begins with: chat `first`, or the one opened last where that is not here.

        `limit` of its messages, the last ones.
        """

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""

    async def drafts(self) -> Records:
        """The records of all drafts: messages of the role `draft`, which are the first of their chats."""

    async def outbox(self) -> Mapping[str, Any]:
        """Everything in the outbox, sealed, by its name, in the order of the names."""

    async def chats(self) -> Records:
        """Every chat that is not deleted."""

    async def chat(self, chat_id: str) -> Records:
        """One chat, or none when it is not here or deleted."""

    async def messages(self, chat_id: str, limit: int, before: Position | None = None) -> Records:
        """The last `limit` messages of a chat (those before a position), oldest first; none is deleted."""

    async def messages_from(self, chat_id: str, limit: int, first: Position) -> Records:
        """The first `limit` messages of a chat from a position on, that one included; oldest first, none deleted."""

    async def settings_and_memories(self) -> Records:
        """Every record of app settings and memories that is not deleted."""

    async def entries(self, ids: Sequence[str]) -> Records:
        """The records of settings and memories with these ids, as far as they are here and not deleted."""

    def close(self) -> Coroutine[Any, Any, None]:
        """Let go of the storage, so that it can be deleted; before the first wait nothing more is begun."""
