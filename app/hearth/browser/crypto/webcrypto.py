"""WebCrypto behind the ports: `WebCipher` for single values, `WebKeyring` for records in bulk.

Keys are non-extractable `CryptoKey`s, so that no code on the page can read their bytes back out.
"""

from __future__ import annotations

import json
from typing import Any, cast

import js
from pyodide.ffi import JsException

from hearth.browser.ffi import js_bytes, js_object
from hearth.core.errors import Damaged
from hearth.core.records import envelope
from hearth.core.records.envelope import Place, SealedValue, WrappedKey
from hearth.core.records.manifest import Fingerprint
from hearth.core.records.schema import KEY_FIELD, Collection
from hearth.ports.keys import Credentials, Key, OpenedRecord
from hearth.ports.records import Records

_CONTENT_USAGES = ["encrypt", "decrypt"]
_WRAPPING_USAGES = ["encrypt", "decrypt", "wrapKey", "unwrapKey"]


def _gcm(nonce: bytes, associated: bytes) -> Any:
    return js_object(name="AES-GCM", iv=nonce, additionalData=associated)


def random_bytes(count: int) -> bytes:
    """Random bytes from the browser's own generator."""
    return cast(bytes, js.crypto.getRandomValues(js.Uint8Array.new(count)).to_bytes())


async def import_key(raw: bytes, usages: list[str]) -> Any:
    """A non-extractable AES-GCM `CryptoKey` of 32 bytes."""
    return await js.crypto.subtle.importKey("raw", js_bytes(raw), "AES-GCM", False, js_object(u=usages).u)


async def gcm_seal(handle: Any, nonce: bytes, associated: bytes, plain: bytes) -> bytes:
    """AES-GCM: the ciphertext followed by the tag of 16 bytes."""
    sealed = await js.crypto.subtle.encrypt(_gcm(nonce, associated), handle, js_bytes(plain))
    return cast(bytes, sealed.to_bytes())


async def gcm_open(handle: Any, nonce: bytes, associated: bytes, body: bytes) -> bytes:
    """AES-GCM: the plain bytes of a ciphertext followed by its tag. Raises `Damaged`."""
    try:
        plain = await js.crypto.subtle.decrypt(_gcm(nonce, associated), handle, js_bytes(body))
    except JsException:
        raise Damaged("This value was changed or damaged.") from None
    return cast(bytes, plain.to_bytes())


class WebCipher:
    """`hearth.ports.keys.Cipher` on WebCrypto."""

    async def derive(self, password: bytes, salt: bytes, iterations: int) -> Credentials:
        """Derive the credentials: PBKDF2, then HKDF three times; only the lookup hash and an id are readable."""
        subtle = js.crypto.subtle
        material = await subtle.importKey("raw", js_bytes(password), "PBKDF2", False, js_object(u=["deriveBits"]).u)
        stretch = js_object(name="PBKDF2", hash="SHA-256", salt=salt, iterations=iterations)
        root_bits = await subtle.deriveBits(stretch, material, 8 * envelope.KEY_BYTES)
        return await _credentials(await import_root(root_bits), b"")

    async def derive_from_secret(self, secret: Key, salt: bytes) -> Credentials:
        """Derive the credentials from a secret whose handle is an HKDF key; its bytes stay in JavaScript."""
        return await _credentials(secret.handle, salt)

    async def create_key(self, wrapping: Key, place: Place) -> tuple[Key, str]:
        """Make a random key and wrap it; it is extractable only until its wrapped form exists."""
        subtle = js.crypto.subtle
        algorithm = js_object(name="AES-GCM", length=8 * envelope.KEY_BYTES)
        fresh = await subtle.generateKey(algorithm, True, js_object(u=_CONTENT_USAGES).u)
        key_id, nonce = random_bytes(envelope.KEY_ID_BYTES), random_bytes(envelope.NONCE_BYTES)
        sealing = _gcm(nonce, envelope.associated_data(place) + key_id)
        body = (await subtle.wrapKey("raw", fresh, wrapping.handle, sealing)).to_bytes()
        wrapped = envelope.join_wrapped(WrappedKey(wrapping.id, key_id, nonce, body))
        return await self.unwrap_key(wrapping, wrapped, place), wrapped

    async def rewrap_key(self, wrapping: Key, wrapped: str, place: Place, other: Key) -> str:
        """Wrap a wrapped key with another key as well; its bytes never come to any script. Raises `SealError`."""
        subtle = js.crypto.subtle
        parts = envelope.split_wrapped(wrapped, wrapping.id)
        bound = envelope.associated_data(place) + parts.key_id
        usages = js_object(u=_CONTENT_USAGES).u
        opening = _gcm(parts.nonce, bound)
        try:
            key = await subtle.unwrapKey("raw", js_bytes(parts.body), wrapping.handle, opening, "AES-GCM", True, usages)
        except JsException:
            raise Damaged("This key was changed or damaged.") from None
        nonce = random_bytes(envelope.NONCE_BYTES)
        body = (await subtle.wrapKey("raw", key, other.handle, _gcm(nonce, bound))).to_bytes()
        return envelope.join_wrapped(WrappedKey(other.id, parts.key_id, nonce, body))

    async def unwrap_key(self, wrapping: Key, wrapped: str, place: Place) -> Key:
        """Open a wrapped key without its bytes ever becoming readable. Raises `SealError`."""
        parts = envelope.split_wrapped(wrapped, wrapping.id)
        try:
            handle = await js.crypto.subtle.unwrapKey(
                "raw",
                js_bytes(parts.body),
                wrapping.handle,
                _gcm(parts.nonce, envelope.associated_data(place) + parts.key_id),
                "AES-GCM",
                False,
                js_object(u=_WRAPPING_USAGES).u,
            )
        except JsException:
            raise Damaged("This key was changed or damaged.") from None
        return Key(parts.key_id, handle)

    async def seal(self, key: Key, text: str, place: Place) -> str:
        """Seal text under a fresh random nonce."""
        nonce = random_bytes(envelope.NONCE_BYTES)
        body = await gcm_seal(key.handle, nonce, envelope.associated_data(place), text.encode())
        return envelope.join_sealed(SealedValue(key.id, nonce, body))

    async def open(self, key: Key, sealed: str, place: Place) -> str:
        """Open a sealed value. Raises `SealError`."""
        parts = envelope.split_sealed(sealed, key.id)
        plain = await gcm_open(key.handle, parts.nonce, envelope.associated_data(place), parts.body)
        try:
            return plain.decode()
        except UnicodeDecodeError:
            raise Damaged("This value is not text.") from None


async def import_root(raw: Any) -> Any:
    """A non-extractable HKDF `CryptoKey` of bytes that JavaScript holds."""
    usages = js_object(u=["deriveBits", "deriveKey"]).u
    return await js.crypto.subtle.importKey("raw", raw, "HKDF", False, usages)


async def _credentials(root: Any, salt: bytes) -> Credentials:
    """HKDF three times; only the lookup hash and an id are readable."""
    subtle = js.crypto.subtle
    lookup = await subtle.deriveBits(_hkdf(envelope.LOOKUP_INFO, salt), root, 8 * envelope.KEY_BYTES)
    key_id = await subtle.deriveBits(_hkdf(envelope.KEY_ID_INFO, salt), root, 8 * envelope.KEY_ID_BYTES)
    wrapping = await subtle.deriveKey(
        _hkdf(envelope.WRAPPING_INFO, salt),
        root,
        js_object(name="AES-GCM", length=8 * envelope.KEY_BYTES),
        False,
        js_object(u=_WRAPPING_USAGES).u,
    )
    return Credentials(lookup.to_bytes().hex(), Key(key_id.to_bytes(), wrapping))


def _hkdf(info: bytes, salt: bytes) -> Any:
    return js_object(name="HKDF", hash="SHA-256", salt=salt, info=info)


class WebKeyring:
    """`Keyring` on the bulk kernel `records.js`: keys stay in JavaScript, texts come over at once."""

    def __init__(self, account: str, master: Key) -> None:
        self._account = account
        self._master: Key | None = master
        self._ring = js.hearth.records.makeRing(account, master.handle, js_bytes(master.id))

    async def open_records(self, collection: Collection, records: Records) -> list[OpenedRecord]:
        """Open every sealed field of every record; see `hearth.ports.keys.Keyring`."""
        if not len(records):
            return []
        text = await js.hearth.records.openRecords(self._ring, collection.value, records)
        return cast(list[OpenedRecord], json.loads(text))

    async def fingerprint(self, secret: bytes, collection: Collection, records: Records) -> Fingerprint:
        """Count and tag records; see `hearth.ports.keys.Keyring`."""
        if not len(records):
            return Fingerprint()
        text = await js.hearth.records.fingerprint(self._ring, js_bytes(secret), collection.value, records)
        count, digest = json.loads(text)
        return Fingerprint(count, int(digest, 16))

    async def seal_field(self, collection: Collection, owner: str, record_id: str, name: str, text: str) -> str | None:
        """Seal a field of a record with its owner's key; None when that key is not here."""
        return await js.hearth.records.sealField(self._ring, collection.value, owner, record_id, name, text)

    async def create_key(self, collection: Collection, owner: str) -> str:
        """Make the key of a new owner and learn it; its wrapped text."""
        place = Place(self._account, collection.value, owner, KEY_FIELD)
        _key, wrapped = await WebCipher().create_key(self._owned(), place)
        await js.hearth.records.learnKey(self._ring, collection.value, owner, wrapped)
        return wrapped

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows as a JavaScript array."""
        return cast(Records, js.JSON.parse(json.dumps(rows)))

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """A JavaScript array as rows."""
        return cast("list[dict[str, Any]]", json.loads(js.JSON.stringify(records)))

    async def seal_text(self, collection: str, record_id: str, name: str, text: str) -> str:
        """Seal text under the master key."""
        return await WebCipher().seal(self._owned(), text, Place(self._account, collection, record_id, name))

    async def open_text(self, collection: str, record_id: str, name: str, sealed: str) -> str:
        """Open what `seal_text` sealed for this place. Raises `SealError`."""
        return await WebCipher().open(self._owned(), sealed, Place(self._account, collection, record_id, name))

    def _owned(self) -> Key:
        if self._master is None:
            raise Damaged("The keys were dropped.")
        return self._master

    async def seal_kept(self, name: str, content: bytes) -> Any:
        """Seal bytes that stay on this device; the answer is a `Uint8Array`."""
        return await js.hearth.records.sealKept(self._ring, name, js_bytes(content))

    async def open_kept(self, name: str, sealed: Any) -> bytes:
        """Open what `seal_kept` sealed under this name. Raises `SealError`."""
        try:
            content = await js.hearth.records.openKept(self._ring, name, sealed)
        except JsException:
            raise Damaged("What is kept on this device was changed or damaged.") from None
        return cast(bytes, content.to_bytes())

    def drop(self) -> None:
        """Forget every key."""
        self._master = None
        js.hearth.records.dropRing(self._ring)
