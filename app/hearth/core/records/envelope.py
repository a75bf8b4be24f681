"""The layout of sealed values and wrapped keys, what they are bound to, and the key derivation's constants.

    sealed value  base64( 1 | key id (8) | nonce (12) | ciphertext | tag (16) )
    wrapped key   base64( 1 | wrapping key's id (8) | wrapped key's id (8) | nonce (12) | ciphertext (32) | tag (16) )

Both are AES-256-GCM with a random 96-bit nonce for each encryption (NIST SP 800-38D, 8.2.2). The associated
data binds a value to its place: see `associated_data`. A wrapped key's associated data ends with the
wrapped key's own id, so that the id cannot be exchanged either.

    password ─PBKDF2-HMAC-SHA-256─► root ─HKDF─┬─ LOOKUP_INFO    ► lookup hash, sent to the server
                                               ├─ WRAPPING_INFO  ► wrapping key, never leaves the device
                                               └─ KEY_ID_INFO    ► the wrapping key's id
    passkey  ─PRF─► root, and the way's salt ─HKDF─► the same three
    wrapping key ► master key ► one key for each chat, one for each app's settings and memories
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from hearth.core.errors import UnknownFormat, WrongKey
from hearth.core.text.characters import trimmed

FORMAT = 1
"""The version byte that opens every sealed value and wrapped key."""

SCHEMA = 1
"""The version of the field layout that the associated data binds."""

KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 32

PBKDF2_ITERATIONS = 600_000
"""OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA-256."""

MIN_ITERATIONS = 600_000
"""A server that asks for less is refused: it would weaken the password against itself. It stays when the cost of new
passwords is raised: that of an older one follows at its next sign-in."""

MAX_ITERATIONS = 10_000_000
"""A server that asks for more would only keep the person waiting."""

LOOKUP_INFO = b"hearth lookup v1"
WRAPPING_INFO = b"hearth wrapping key v1"
KEY_ID_INFO = b"hearth wrapping key id v1"

MIN_SEALED_CHARS = 4 * -(-(1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES) // 3)
"""The base64 length of the shortest sealed value, that of an empty text."""

_SEALED_HEAD = 1 + KEY_ID_BYTES
_WRAPPED_HEAD = 1 + 2 * KEY_ID_BYTES

# The version byte 1 makes base64 begin with "A" and one of Q to f.
_FORM = re.compile(r"A[Q-Za-f][A-Za-z0-9+/]*={0,2}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs: changing any part makes it fail to open."""

    account: str
    collection: str
    record_id: str
    field: str


class SealedValue(NamedTuple):
    """The parts of a sealed value; `body` is the ciphertext followed by the tag."""

    key_id: bytes
    nonce: bytes
    body: bytes


class WrappedKey(NamedTuple):
    """The parts of a wrapped key; `body` is the encrypted key followed by the tag."""

    wrapping_id: bytes
    key_id: bytes
    nonce: bytes
    body: bytes


def _prefixed(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(4, "big") + raw


def account_prefix(account: str) -> bytes:
    """The part of the associated data that is the same for a whole account."""
    return _prefixed("hearth") + bytes([SCHEMA]) + _prefixed(account)


def associated_data(place: Place) -> bytes:
    """Encode a place canonically: each part UTF-8, behind its length in 4 bytes, big endian.

    Length prefixes make the encoding injective: no two places share one.
    """
    return (
        account_prefix(place.account)
        + _prefixed(place.collection)
        + _prefixed(place.record_id)
        + _prefixed(place.field)
    )


def has_sealed_form(value: object) -> bool:
    """Whether a value has the form of a sealed one: all that can be said of it without a key.

    Text that nobody sealed passes only if it is at least 52 characters of the base64 alphabet and begins as if with
    the version byte; no base64 of text does, since no text begins with the byte 1.
    """
    return (
        isinstance(value, str)
        and len(value) >= MIN_SEALED_CHARS
        and len(value) % 4 == 0
        and _FORM.fullmatch(value) is not None
    )


def join_sealed(value: SealedValue) -> str:
    """Put the parts of a sealed value into base64 text."""
    return _encode(bytes([FORMAT]) + value.key_id + value.nonce + value.body)


def split_sealed(text: str, expected_key_id: bytes) -> SealedValue:
    """Take a sealed value apart.

    Raises `UnknownFormat` when it is not one, `WrongKey` when another key sealed it.
    """
    raw = _decode(text, _SEALED_HEAD + NONCE_BYTES + TAG_BYTES)
    key_id = raw[1:_SEALED_HEAD]
    if key_id != expected_key_id:
        raise WrongKey("This value was sealed with another key.")
    body_at = _SEALED_HEAD + NONCE_BYTES
    return SealedValue(key_id, raw[_SEALED_HEAD:body_at], raw[body_at:])


def join_wrapped(value: WrappedKey) -> str:
    """Put the parts of a wrapped key into base64 text."""
    return _encode(bytes([FORMAT]) + value.wrapping_id + value.key_id + value.nonce + value.body)


def split_wrapped(text: str, expected_wrapping_id: bytes) -> WrappedKey:
    """Take a wrapped key apart.

    Raises `UnknownFormat` when it is not one, `WrongKey` when another key wrapped it.
    """
    raw = _decode_wrapped(text)
    wrapping_id = raw[1:_SEALED_HEAD]
    if wrapping_id != expected_wrapping_id:
        raise WrongKey("This key was wrapped with another key.")
    body_at = _WRAPPED_HEAD + NONCE_BYTES
    return WrappedKey(wrapping_id, raw[_SEALED_HEAD:_WRAPPED_HEAD], raw[_WRAPPED_HEAD:body_at], raw[body_at:])


def check_wrapped(text: str) -> None:
    """Raise `UnknownFormat` for what does not have the form of a wrapped key: all that can be said without a key."""
    _decode_wrapped(text)


def _decode_wrapped(text: str) -> bytes:
    size = _WRAPPED_HEAD + NONCE_BYTES + KEY_BYTES + TAG_BYTES
    raw = _decode(text, size)
    if len(raw) != size:
        raise UnknownFormat("This is not a wrapped key: its length is wrong.")
    return raw


def normalise_password(password: str) -> bytes:
    """The bytes that a password stands for: NFKC, so that every keyboard spells it alike (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password).encode()


def normalise_email(email: str) -> str:
    """The one spelling of an e-mail address that is hashed and compared."""
    return trimmed(unicodedata.normalize("NFKC", email)).lower()


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decode(text: str, at_least: int) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise UnknownFormat("This is not a sealed value: it is not base64.") from None
    if len(raw) < at_least:
        raise UnknownFormat("This is not a sealed value: it is too short.")
    if raw[0] != FORMAT:
        raise UnknownFormat(f"This value has layout {raw[0]}; this version reads layout {FORMAT}.")
    return raw
