"""The ports: what the session needs from the world, each met by a browser adapter and by a fake.

`Records` is a handle: an array of records that the session passes on without looking inside, so that the
bulk of a warming never becomes Python objects (in the browser a proxy of a JavaScript array, in the fakes
a list of dicts). Only what the keyring has opened comes back as Python values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypedDict

from app.core.envelope import Place
from app.core.events import ServerEvent
from app.core.manifest import Checked, Fingerprint
from app.core.model import Collection
from app.core.viewmodel import Screen


class Records(Protocol):
    """An opaque array of records of one collection; a slice of it is one, too."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice) -> Records: ...


@dataclass(frozen=True, slots=True)
class Key:
    """A key in use: its id, and the adapter's own handle, which never shows itself."""

    id: bytes
    handle: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password derives to: the lookup hash (hex text, sent) and the wrapping key (never sent)."""

    lookup_hash: str = field(repr=False)
    wrapping: Key


class Cipher(Protocol):
    """AES-256-GCM and the key derivation, in the layout of `app.core.envelope`.

    Creating a key and reading one are different calls, so that no second key can come to be by looking.
    """

    async def derive(self, password: bytes, salt: bytes, iterations: int) -> Credentials:
        """Derive the credentials; about 100 ms for 600,000 iterations."""

    async def create_key(self, wrapping: Key, place: Place) -> tuple[Key, str]:
        """Make a new random key and wrap it, in one step: the key and its wrapped text."""

    async def unwrap_key(self, wrapping: Key, wrapped: str, place: Place) -> Key:
        """Open a wrapped key. Raises `SealError`."""

    async def seal(self, key: Key, text: str, place: Place) -> str:
        """Seal text under a fresh random nonce."""

    async def open(self, key: Key, sealed: str, place: Place) -> str:
        """Open a sealed value. Raises `SealError`."""


class Opened(TypedDict):
    """A record as the keyring gives it back: its clear fields, its texts, and why a field failed to open."""

    clear: dict[str, Any]
    texts: dict[str, str | None]
    faults: dict[str, str]


class Keyring(Protocol):
    """The one owner of an account's keys in use: opens records in bulk, and learns their keys on the way."""

    async def open_records(self, collection: Collection, records: Records) -> list[Opened]:
        """Open every sealed field of every record, in the order of the records.

        A field that fails is named in `faults` with the reason of its `SealError`, or `no-key`; the
        others go on. A record's `wrapped_key` is unwrapped first and kept for its owner.
        """

    async def fingerprint(self, secret: bytes, collection: Collection, records: Records) -> Fingerprint:
        """Count the records that are not deleted and put their tags together, as `app.core.manifest` says."""

    async def seal_entry(self, app_id: str, record_id: str, text: str) -> str | None:
        """Seal an entry of an app with the app's key; None when that key is not here."""

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows that this device made, as records are."""

    async def seal_kept(self, name: str, content: bytes) -> Any:
        """Seal bytes that stay on this device, under the master key, bound to the account and this name."""

    async def open_kept(self, name: str, sealed: Any) -> bytes:
        """Open what `seal_kept` sealed under this name. Raises `SealError`."""

    def drop(self) -> None:
        """Forget every key. The keyring opens nothing afterwards."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A server's frame as it came off the socket: the event, and its records as they were parsed."""

    event: ServerEvent
    records: Mapping[Collection, Records]
    refused: int = 0
    """How many records were left out because they break the registry of fields."""


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
    settled: bool = False
    """Whether `partial` is as it was written; else, after a `drop`, chats without messages were found to be."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a visit begins with: what is to be shown first, while the others are still being read."""

    state: SyncState
    first: Records
    """The chat to be shown first, or none when it is not here."""
    messages: Records
    """The last messages of that chat, oldest first; none is deleted."""
    others: Callable[[], Awaitable[Others]]
    """Waits for the others. Raises `StorageError`."""


@dataclass(frozen=True, slots=True)
class Others:
    """What else a visit begins with."""

    chats: Records
    """Every chat that is not deleted."""
    entries: Records
    """Every record of app settings and memories that is not deleted."""
    kept: Any | None
    """What the shelf keeps, sealed, under the name that was asked for."""
    names: Sequence[str]
    """The names of all that the shelf keeps."""


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
    leave_out: Set[str] = frozenset()
    """The chats whose messages are not written, for lack of room."""


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


class Shelf(Protocol):
    """What is kept of the search index: sealed slices, and marks at the chats that changed since.

    The store sets a chat's mark, with a new token, in the transaction that changes its messages.
    """

    async def names(self) -> list[str]:
        """The names of what is kept."""

    async def read(self, name: str) -> Any | None:
        """What is kept under a name, sealed, or None."""

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep something sealed. Marks that have these tokens still go in the same transaction."""

    async def settle(self, settles: Mapping[str, str]) -> None:
        """Take marks away that have these tokens still."""

    async def forget(self, names: Iterable[str]) -> None:
        """Forget what is kept under these names."""

    async def marks(self) -> dict[str, str]:
        """The chats that changed since they were indexed, each with its token."""

    async def page(self, chat_id: str, known: Mapping[str, int], after: Position | None, limit: int) -> IndexPage:
        """The messages of a chat after a position, `limit` at most, oldest first.

        Those that `known` has in the same version are not among the records.
        """


class Store(Protocol):
    """The device's storage for one account: ciphertext as it came, and the sync state."""

    @property
    def shelf(self) -> Shelf:
        """What is kept of the search index."""

    async def apply(self, batch: Batch) -> None:
        """Write a batch in one transaction: all of it or nothing. The higher version of a record wins.

        A chat's tombstone takes its messages along. Raises `StorageError`; `QuotaExceeded` where `drop` may help.
        """

    async def drop(self, chats: Set[str]) -> None:
        """Make room: remove these chats' messages, and all slices of the search index, in one transaction.

        The chats stay listed, and are partial. On a full disk nothing can be added, not even a note of that: what is
        partial is not settled until the next batch says it.
        """

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats of which messages are stored, or among more messages."""

    async def beginning(self, first: str | None, limit: int, kept: str) -> Beginning:
        """Read what a visit begins with: chat `first`, or the one opened last where that is not here.

        `limit` of its messages, the last ones.
        """

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""

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

    def close(self) -> Coroutine[Any, Any, None]:
        """Let go of the storage, so that it can be deleted; before the first wait nothing more is begun."""


class Socket(Protocol):
    """An open connection to the server."""

    async def receive(self) -> Frame:
        """The next frame. Raises `ProtocolError` for one that cannot be read, `SocketClosed` at the end."""

    def send(self, text: str) -> None:
        """Send a frame; nothing happens when the connection has closed."""

    def close(self) -> None:
        """Close the connection."""


class SocketClosed(Exception):
    """The connection has ended; `refused` says that the server does not know the session (any longer)."""

    def __init__(self, refused: bool = False) -> None:
        super().__init__("the connection has ended")
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, as the server answers a sign-in; `wrapped_master_key` is opened by the password."""

    id: str
    wrapped_master_key: str = field(repr=False)


class Api(Protocol):
    """The HTTP side of the server."""

    async def challenge(self, email: str) -> tuple[bytes, int]:
        """The salt and the iterations for an address, known or not. Raises `SignInError`."""

    async def sign_in(self, email: str, lookup_hash: str, stay: bool) -> Account:
        """Prove the password; the session comes as a cookie. Raises `SignInError`."""

    async def sign_out(self) -> None:
        """End the session. Raises `Unreachable`."""


class Vault(Protocol):
    """Keeps the master key between page loads, as long as the person wants it kept, in two halves that lie apart."""

    def prepare(self) -> None:
        """Begin what `admit` needs and does not depend on the password."""

    async def admit(self, wrapping: Key, wrapped: str, account: str, stay: bool) -> Key:
        """Open the wrapped master key and keep it. Raises `SealError`."""

    async def recall(self) -> tuple[str, Key] | None:
        """The account and the master key that are kept, if any."""

    @property
    def lost(self) -> bool:
        """Whether the last `recall` found one half of a key and not the other."""

    async def forget(self, account: str | None = None, in_use: bool = False) -> int:
        """Remove what is kept of an account, or of all; how many entries and halves could not be removed.

        Each page removes its own halves: those that others use go only when `in_use` says so.
        """

    async def tidy(self) -> int:
        """Remove halves that nothing needs any longer; how many could not be removed."""

    def begin_wipe(self, account: str) -> None:
        """Write down that an account is being wiped from this device: until `end_wipe`, no key of it is recalled."""

    def end_wipe(self) -> None:
        """The wipe is finished: nothing is left."""

    @property
    def wiping(self) -> bool:
        """Whether a wipe was begun and is not finished."""

    def owe_sign_out(self, owed: bool) -> None:
        """Write down whether the server still has to hear that its session is over."""

    @property
    def owes_sign_out(self) -> bool:
        """Whether the server has not heard yet that its session is over."""

    def note_stored(self, account: str) -> None:
        """Note beside the key that this device has stored the account's chats."""

    def had_stored(self, account: str) -> bool:
        """Whether that was noted: a store that is empty all the same was taken away by the browser."""


class Tabs(Protocol):
    """The other tabs of this browser: a channel to all of them, and who of them owns an account."""

    def tell(self, message: str) -> None:
        """Tell the other tabs; see `app.core.tabs`."""

    async def claim(self, account: str, on_owned: Callable[[], None], on_lost: Callable[[], None]) -> bool:
        """Ask for an account: True when this tab owns it; else `on_owned` is called when it does.

        `on_lost` is called when another tab has taken it; this one stands in line again then. Where tabs cannot
        agree (no Web Locks), every tab owns. A claim made before is given up.
        """

    def take(self) -> None:
        """Take the account that was claimed from the tab that owns it, because that one hangs."""

    def release(self) -> None:
        """Give up the account, or the place in the line for it; nothing happens without one."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """The turn to sign in: one tab after the other."""

    def close(self) -> None:
        """Give up everything, and say and hear nothing more: the page is being put away."""


class Device(Protocol):
    """What the device offers an account: storage, keys, a connection, and a clean end."""

    @property
    def vault(self) -> Vault:
        """Where the master key is kept."""

    @property
    def cipher(self) -> Cipher:
        """The cipher."""

    @property
    def api(self) -> Api:
        """The server's HTTP side."""

    @property
    def tabs(self) -> Tabs:
        """The other tabs."""

    async def open_store(self, account: str, on_gone: Callable[[], None]) -> Store:
        """Open the account's storage; `on_gone` is called once when it is taken away. Raises `StorageError`."""

    def memory_store(self) -> Store:
        """An empty store that lasts as long as the page, for when the browser's own cannot be used."""

    def keyring(self, account: str, master: Key) -> Keyring:
        """The keys in use of an account."""

    async def connect(self, account: str) -> Socket:
        """Open a connection for an account: refused when the session is another's. Raises `SocketClosed`."""

    async def wipe_stores(self, account: str | None = None) -> list[str]:
        """Delete what is stored of an account, or of all, and look again; what is still there.

        Waits for as long as another tab holds it open. Raises `StorageError`.
        """

    async def wipe_others(self, account: str) -> list[str]:
        """Delete what is stored of every other account, and look again; see `wipe_stores`."""

    def device_id(self) -> str:
        """A random name for this visit, by which the server tells the account's devices apart."""

    def now(self) -> datetime:
        """Local time, with its zone: for what is shown, never compared with the server's."""

    def visible(self) -> bool:
        """Whether the person can see this page."""

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""

    def jitter(self) -> float:
        """A random number from 0 to 1."""

    def after_paint(self, callback: Callable[[], None]) -> None:
        """Call back once what was drawn so far is on screen; where nothing is painted, soon."""

    def mark(self, name: str) -> None:
        """Set the User Timing mark `hearth:` + name."""


class Page(Protocol):
    """What is drawn."""

    def showed(self) -> str | None:
        """The chat that this tab showed before the page was loaded anew."""

    def draw(self, screen: Screen) -> None:
        """Draw what changed since the last screen."""

    def clear(self) -> None:
        """Take every plaintext out of the page."""
