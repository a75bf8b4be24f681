"""AES-256-GCM and the key derivation on PyPI `cryptography`, behind the ports.

It opens what WebCrypto sealed and the other way round. The port's methods are async; their synchronous
twins (`…_now`) serve whoever seals in bulk. Keys live as `AESGCM` objects: their bytes are not kept here.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hearth.core.errors import Damaged, SealError
from hearth.core.records import envelope
from hearth.core.records.envelope import Place, SealedValue, WrappedKey
from hearth.core.records.manifest import TAG_BYTES, Fingerprint, tagged_text
from hearth.core.records.schema import KEY_FIELD, SPECS, Collection, FieldKind, Spec
from hearth.ports.keys import Credentials, Key, OpenedRecord
from hearth.ports.records import Records

NO_KEY = "no-key"
"""The fault of a field whose key never came."""

CHANGED = "This value was changed or damaged."


class CryptographyCipher:
    """`hearth.ports.keys.Cipher` on `cryptography`; who needs repeatable data gives its own `random_bytes`."""

    def __init__(self, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._random = random_bytes

    async def derive(self, password: bytes, salt: bytes, iterations: int) -> Credentials:
        """Derive the credentials; see `derive_now`."""
        return self.derive_now(password, salt, iterations)

    async def derive_from_secret(self, secret: Key, salt: bytes) -> Credentials:
        """Derive the credentials from a secret of 32 bytes, the key's handle; the salt goes into HKDF."""
        return _credentials(secret.handle, salt)

    async def create_key(self, wrapping: Key, place: Place) -> tuple[Key, str]:
        """Make a new random key and wrap it: the key and its wrapped text."""
        return self.create_key_now(wrapping, place)

    async def unwrap_key(self, wrapping: Key, wrapped: str, place: Place) -> Key:
        """Open a wrapped key. Raises `SealError`."""
        return self.unwrap_key_now(wrapping, wrapped, place)

    async def rewrap_key(self, wrapping: Key, wrapped: str, place: Place, other: Key) -> str:
        """Wrap a wrapped key with another key as well. Raises `SealError`."""
        return self.rewrap_key_now(wrapping, wrapped, place, other)

    async def seal(self, key: Key, text: str, place: Place) -> str:
        """Seal text under a fresh random nonce."""
        return self.seal_now(key, text, place)

    async def open(self, key: Key, sealed: str, place: Place) -> str:
        """Open a sealed value. Raises `SealError`."""
        return self.open_now(key, sealed, place)

    def derive_now(self, password: bytes, salt: bytes, iterations: int) -> Credentials:
        """Derive the credentials; 600,000 iterations take 0.1 to 0.2 s, during which other threads run.

        The salt goes into PBKDF2; HKDF (RFC 5869) is used without one, as WebCrypto does with an empty one.
        """
        root = hashlib.pbkdf2_hmac("sha256", password, salt, iterations, envelope.KEY_BYTES)
        return _credentials(root, b"")

    def create_key_now(self, wrapping: Key, place: Place) -> tuple[Key, str]:
        """Make a new random key and wrap it: the key and its wrapped text."""
        raw = self._random(envelope.KEY_BYTES)
        key_id, nonce = self._random(envelope.KEY_ID_BYTES), self._random(envelope.NONCE_BYTES)
        body = _aead(wrapping).encrypt(nonce, raw, envelope.associated_data(place) + key_id)
        wrapped = envelope.join_wrapped(WrappedKey(wrapping.id, key_id, nonce, body))
        return Key(key_id, AESGCM(raw)), wrapped

    def unwrap_key_now(self, wrapping: Key, wrapped: str, place: Place) -> Key:
        """Open a wrapped key. Raises `SealError`."""
        key_id, raw = _unwrap(wrapping, wrapped, place)
        return Key(key_id, AESGCM(raw))

    def rewrap_key_now(self, wrapping: Key, wrapped: str, place: Place, other: Key) -> str:
        """Wrap a wrapped key with another key as well. Raises `SealError`."""
        key_id, raw = _unwrap(wrapping, wrapped, place)
        nonce = self._random(envelope.NONCE_BYTES)
        body = _aead(other).encrypt(nonce, raw, envelope.associated_data(place) + key_id)
        return envelope.join_wrapped(WrappedKey(other.id, key_id, nonce, body))

    def seal_now(self, key: Key, text: str, place: Place) -> str:
        """Seal text under a fresh random nonce."""
        nonce = self._random(envelope.NONCE_BYTES)
        body = _aead(key).encrypt(nonce, text.encode(), envelope.associated_data(place))
        return envelope.join_sealed(SealedValue(key.id, nonce, body))

    def open_now(self, key: Key, sealed: str, place: Place) -> str:
        """Open a sealed value. Raises `SealError`."""
        parts = envelope.split_sealed(sealed, key.id)
        try:
            return gcm_open(_aead(key), parts.nonce, envelope.associated_data(place), parts.body).decode()
        except UnicodeDecodeError:
            raise Damaged(CHANGED) from None


@dataclass(slots=True)
class _Known:
    """What is known of an owner's key: the key, or why it does not open; and the text it came from."""

    wrapped: str
    key: Key | None
    fault: str = NO_KEY


class CryptographyKeyring:
    """`hearth.ports.keys.Keyring` on `CryptographyCipher`; its `Records` are sequences of mappings."""

    def __init__(self, cipher: CryptographyCipher, account: str, master: Key) -> None:
        self._cipher = cipher
        self._account = account
        self._master: Key | None = master
        self._known: dict[tuple[Collection, str], _Known] = {}

    async def open_records(self, collection: Collection, records: Records) -> list[OpenedRecord]:
        """Open every sealed field of every record; see `hearth.ports.keys.Keyring`."""
        return self.open_records_now(collection, cast("Sequence[Mapping[str, Any]]", records))

    def open_records_now(self, collection: Collection, rows: Sequence[Mapping[str, Any]]) -> list[OpenedRecord]:
        """Open every sealed field of every record; see `hearth.ports.keys.Keyring`."""
        spec = SPECS[collection]
        if spec.wraps_key:
            # Keys first: an entry may stand before the record that brings its key.
            for row in rows:
                self._learn(collection, spec, row)
        return [self._open(collection, spec, row) for row in rows]

    async def fingerprint(self, secret: bytes, collection: Collection, records: Records) -> Fingerprint:
        """Count and tag records; see `hearth.ports.keys.Keyring`."""
        return fingerprint_of(secret, collection, cast("Sequence[Mapping[str, Any]]", records))

    async def seal_field(self, collection: Collection, owner: str, record_id: str, name: str, text: str) -> str | None:
        """Seal a field of a record with its owner's key; None when that key is not here."""
        key = self.key_of(SPECS[collection].key_space, owner)
        place = Place(self._account, collection.value, record_id, name)
        return None if key is None else self._cipher.seal_now(key, text, place)

    async def create_key(self, collection: Collection, owner: str) -> str:
        """Make the key of a new owner and learn it; its wrapped text."""
        place = Place(self._account, collection.value, owner, KEY_FIELD)
        key, wrapped = self._cipher.create_key_now(self._owned(), place)
        self._known[SPECS[collection].key_space, owner] = _Known(wrapped, key)
        return wrapped

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """As they are."""
        return rows

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """A copy of them."""
        return [dict(row) for row in cast("Sequence[Mapping[str, Any]]", records)]

    async def seal_text(self, collection: str, record_id: str, name: str, text: str) -> str:
        """Seal text under the master key."""
        return self._cipher.seal_now(self._owned(), text, Place(self._account, collection, record_id, name))

    async def open_text(self, collection: str, record_id: str, name: str, sealed: str) -> str:
        """Open what `seal_text` sealed for this place. Raises `SealError`."""
        return self._cipher.open_now(self._owned(), sealed, Place(self._account, collection, record_id, name))

    async def seal_kept(self, name: str, content: bytes) -> bytes:
        """Seal bytes that stay on this device."""
        master = self._owned()
        place = envelope.associated_data(_kept_place(self._account, name))
        nonce = os.urandom(envelope.NONCE_BYTES)
        return bytes([envelope.FORMAT]) + master.id + nonce + _aead(master).encrypt(nonce, content, place)

    async def open_kept(self, name: str, sealed: Any) -> bytes:
        """Open what `seal_kept` sealed under this name. Raises `SealError`."""
        master = self._owned()
        head, place = 1 + envelope.KEY_ID_BYTES, _kept_place(self._account, name)
        if not isinstance(sealed, bytes) or sealed[:head] != bytes([envelope.FORMAT]) + master.id:
            raise Damaged(CHANGED)
        nonce, body = sealed[head : head + envelope.NONCE_BYTES], sealed[head + envelope.NONCE_BYTES :]
        return gcm_open(_aead(master), nonce, envelope.associated_data(place), body)

    def _owned(self) -> Key:
        if self._master is None:
            raise Damaged("The keys were dropped.")
        return self._master

    def key_of(self, space: Collection, owner: str) -> Key | None:
        """The key of a chat or an app, if it has been learnt."""
        known = self._known.get((space, owner))
        return known.key if known else None

    def drop(self) -> None:
        """Forget every key. The keyring opens nothing afterwards."""
        self._master = None
        self._known.clear()

    def _learn(self, collection: Collection, spec: Spec, row: Mapping[str, Any]) -> None:
        wrapped, owner = row["wrapped_key"], (spec.key_space, row[spec.key_owner])
        known = self._known.get(owner)
        if wrapped is None or self._master is None or (known and known.wrapped == wrapped):
            return
        place = Place(self._account, collection.value, row["id"], KEY_FIELD)
        try:
            key = self._cipher.unwrap_key_now(self._master, wrapped, place)
        except SealError as error:
            # An older key stays: a damaged copy of the record must not make what is readable unreadable.
            if known is None or known.key is None:
                self._known[owner] = _Known(wrapped, None, error.reason)
        else:
            self._known[owner] = _Known(wrapped, key)

    def _open(self, collection: Collection, spec: Spec, row: Mapping[str, Any]) -> OpenedRecord:
        known = self._known.get((spec.key_space, row[spec.key_owner]))
        texts: dict[str, str | None] = {}
        faults: dict[str, str] = {}
        for name in spec.sealed:
            texts[name] = None
            if row.get(name) is None:
                continue
            if known is None or known.key is None:
                faults[name] = known.fault if known else NO_KEY
                continue
            place = Place(self._account, collection.value, row["id"], name)
            try:
                texts[name] = self._cipher.open_now(known.key, row[name], place)
            except SealError as error:
                faults[name] = error.reason
        clear = {name: row.get(name) for name, kind in spec.fields.items() if kind is not FieldKind.SEALED_OR_NULL}
        return OpenedRecord(clear=clear, texts=texts, faults=faults)


def fingerprint_of(secret: bytes, collection: Collection, rows: Iterable[Mapping[str, Any]]) -> Fingerprint:
    """Count the rows that are not deleted and put their tags together."""
    whole = Fingerprint()
    for row in rows:
        if row["deleted_at"] is None:
            tag = hmac.digest(secret, tagged_text(collection, row).encode(), "sha256")[:TAG_BYTES]
            whole = whole.plus(Fingerprint(1, int.from_bytes(tag, "big")))
    return whole


def _kept_place(account: str, name: str) -> Place:
    return Place(account, "search", name, "content")


def gcm_open(key: AESGCM, nonce: bytes, associated: bytes, body: bytes) -> bytes:
    """Open a ciphertext followed by its tag of 16 bytes. Raises `Damaged`."""
    try:
        return key.decrypt(nonce, body, associated)
    except (InvalidTag, ValueError):
        raise Damaged(CHANGED) from None


def _unwrap(wrapping: Key, wrapped: str, place: Place) -> tuple[bytes, bytes]:
    """The id and the bytes of a wrapped key. Raises `SealError`."""
    parts = envelope.split_wrapped(wrapped, wrapping.id)
    associated = envelope.associated_data(place) + parts.key_id
    return parts.key_id, gcm_open(_aead(wrapping), parts.nonce, associated, parts.body)


def _aead(key: Key) -> AESGCM:
    return cast(AESGCM, key.handle)


def _credentials(root: bytes, salt: bytes) -> Credentials:
    lookup = _expand(root, salt, envelope.LOOKUP_INFO, envelope.KEY_BYTES)
    wrapping = _expand(root, salt, envelope.WRAPPING_INFO, envelope.KEY_BYTES)
    key_id = _expand(root, salt, envelope.KEY_ID_INFO, envelope.KEY_ID_BYTES)
    return Credentials(lookup.hex(), Key(key_id, AESGCM(wrapping)))


def _expand(root: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt or None, info=info).derive(root)
