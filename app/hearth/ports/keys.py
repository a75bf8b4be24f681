"""The ports for keys: cipher, keyring, and where the master key is kept between page loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, TypedDict

from hearth.core.records.envelope import Place
from hearth.core.records.manifest import Fingerprint
from hearth.core.records.schema import Collection
from hearth.ports.records import Records


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
    iterations: int = 0
    """What they were derived with, where that is of interest later."""
    ticket: str = field(default="", repr=False)
    """What the server gave for a passkey's signature, and wants to see beside the lookup hash."""


@dataclass(frozen=True, slots=True)
class LockNote:
    """Whose data stays sealed on this device after the session has ended; `email` fills in the form, or is empty.

    `stay` says that the person had chosen to stay signed in.
    """

    account: str
    email: str = field(default="", repr=False)
    stay: bool = False


class Cipher(Protocol):
    """AES-256-GCM and the key derivation, in the layout of `hearth.core.records.envelope`.

    Creating a key and reading one are different calls, so that no second key can come to be by looking.
    """

    async def derive(self, password: bytes, salt: bytes, iterations: int) -> Credentials:
        """Derive the credentials; about 100 ms for 600,000 iterations."""

    async def derive_from_secret(self, secret: Key, salt: bytes) -> Credentials:
        """Derive the credentials from a secret that nobody can guess, such as a passkey's; see `ports.passkeys`."""

    async def create_key(self, wrapping: Key, place: Place) -> tuple[Key, str]:
        """Make a new random key and wrap it, in one step: the key and its wrapped text."""

    async def unwrap_key(self, wrapping: Key, wrapped: str, place: Place) -> Key:
        """Open a wrapped key. Raises `SealError`."""

    async def rewrap_key(self, wrapping: Key, wrapped: str, place: Place, other: Key) -> str:
        """Wrap a wrapped key with another key as well: its text. Raises `SealError`."""

    async def seal(self, key: Key, text: str, place: Place) -> str:
        """Seal text under a fresh random nonce."""

    async def open(self, key: Key, sealed: str, place: Place) -> str:
        """Open a sealed value. Raises `SealError`."""


class OpenedRecord(TypedDict):
    """A record as the keyring gives it back: its clear fields, its texts, and why a field failed to open."""

    clear: dict[str, Any]
    texts: dict[str, str | None]
    faults: dict[str, str]


class Keyring(Protocol):
    """The one owner of an account's keys in use: opens records in bulk, and learns their keys on the way."""

    async def open_records(self, collection: Collection, records: Records) -> list[OpenedRecord]:
        """Open every sealed field of every record, in the order of the records.

        A field that fails is named in `faults` with the reason of its `SealError`, or `no-key`; the
        others go on. A record's `wrapped_key` is unwrapped first and kept for its owner.
        """

    async def fingerprint(self, secret: bytes, collection: Collection, records: Records) -> Fingerprint:
        """Count the records that are not deleted and put their tags together; see `core.records.manifest`."""

    async def seal_field(self, collection: Collection, owner: str, record_id: str, name: str, text: str) -> str | None:
        """Seal a field of a record with the key of its owner (a chat, an app); None when that key is not here."""

    async def create_key(self, collection: Collection, owner: str) -> str:
        """Make the key of a new owner, whose record is in `collection`, and learn it; its wrapped text."""

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows that this device made, as records are."""

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """Records as rows of Python's own, as they came: what a new version of a record is made from."""

    async def seal_text(self, collection: str, record_id: str, name: str, text: str) -> str:
        """Seal text under the master key itself, bound to its place: what belongs to the account as a whole."""

    async def open_text(self, collection: str, record_id: str, name: str, sealed: str) -> str:
        """Open what `seal_text` sealed for this place. Raises `SealError`."""

    async def seal_kept(self, name: str, content: bytes) -> Any:
        """Seal bytes that stay on this device, under the master key, bound to the account and this name."""

    async def open_kept(self, name: str, sealed: Any) -> bytes:
        """Open what `seal_kept` sealed under this name. Raises `SealError`."""

    def drop(self) -> None:
        """Forget every key. The keyring opens nothing afterwards."""


class KeyStore(Protocol):
    """Keeps the master key between page loads, as long as the person wants it kept, in two halves that lie apart."""

    def prepare(self) -> None:
        """Begin what `admit` needs and does not depend on the password."""

    async def admit(self, wrapping: Key, wrapped: str, account: str, email: str, stay: bool) -> Key:
        """Open the wrapped master key and keep it, the address sealed beside it. Raises `SealError`."""

    async def recall(self) -> tuple[str, Key] | None:
        """The account and the master key that are kept, if any."""

    async def lock(self, account: str) -> None:
        """Remove the kept key, its half last, and note in its place that what is stored of the account stays.

        Whichever of several tabs does it, it is done once. What a sign-in in another tab has kept meanwhile stays.
        """

    async def locked(self) -> LockNote | None:
        """What `lock` noted, until somebody signs in or all is wiped."""

    async def ask_tabs(self) -> bool:
        """Ask the other tabs of this browser for what they keep, and keep it in this one, too.

        Whether there is a tab that uses what is stored; one that is frozen does not answer. What was handed over is
        found by `recall` or `locked`.
        """

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

    def stays(self, account: str) -> bool:
        """Whether the account's key is kept although every tab is closed: the person chose to stay signed in."""

    def note_stored(self, account: str) -> None:
        """Note beside the key that this device has stored the account's chats."""

    def had_stored(self, account: str) -> bool:
        """Whether that was noted: a store that is empty all the same was taken away by the browser."""
