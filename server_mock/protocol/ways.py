"""The ways into an account as its row of `users` holds them, and what a device may send as a new one.

`lookup_hashes` decides: it lists the SHA-256 of what each way sends, as hex text; a way whose hash is not among them
opens nothing. `ways` beside it says what each of them is. A row without it, or a hash that it does not list, is a
password whose salt, cost and wrapped key are the row's own; these follow the password from then on.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from hearth.core.errors import UnknownFormat
from hearth.core.records.envelope import MAX_ITERATIONS, MIN_ITERATIONS, SALT_BYTES, check_wrapped, has_sealed_form
from hearth.core.records.ways import MAX_WAYS, WayKind
from server_mock.directus.schema import Row, is_uuid
from server_mock.protocol.http_util import ApiError

MAX_LOOKUP_HASH_CHARS = 128
MAX_WRAPPED_CHARS = 200
MAX_NAME_CHARS = 500
"""Sealed: 60 characters of 4 bytes are 372 as base64."""
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Way:
    """One way in; `hash` is the SHA-256 of the lookup hash, as hex text, `created_at` in milliseconds since 1970.

    A passkey has a sealed name, the id and the public key of its credential as base64url, the host that it is bound
    to, and how often it was used, where that is counted. Nothing of it is stretched: its iterations are 0.
    """

    id: str
    kind: str
    salt: str
    iterations: int
    hash: str
    wrapped_master_key: str
    created_at: int
    name: str | None = None
    credential: str | None = None
    public_key: str | None = None
    rp_id: str | None = None
    sign_count: int = 0

    def told(self) -> dict[str, Any]:
        """What a device of the account is told of it."""
        own = ("credential",) if self.kind == WayKind.PASSKEY else ()
        shown = ("id", "kind", "salt", "iterations", "created_at", "name", *own)
        return {name: getattr(self, name) for name in shown}

    def stored(self) -> dict[str, Any]:
        """What the row holds of it. What only passkeys have is left out of the others: older servers know no more."""
        own = ("credential", "public_key", "rp_id", "sign_count")
        return {name: each for name, each in asdict(self).items() if self.kind == WayKind.PASSKEY or name not in own}


def sha256_hex(text: str) -> str:
    """SHA-256 of text, as hex text."""
    return hashlib.sha256(text.encode()).hexdigest()


def ways_of(row: Row) -> tuple[Way, ...]:
    """The ways that a row of `users` has, at most `MAX_WAYS`."""
    listed = {way.hash: way for way in map(_way_of, row.get("ways") or ()) if way is not None}
    return tuple(listed.get(each) or _own_way(row, each) for each in row["lookup_hashes"][:MAX_WAYS])


def _way_of(content: Any) -> Way | None:
    """A way as it is stored; None for what this version cannot read, such as one of a kind that came later."""
    try:
        return Way(**content)
    except TypeError:
        return None


def _own_way(row: Row, lookup: str) -> Way:
    """The password that a row without `ways` stands for."""
    own = row["salt"], row["iterations"], lookup, row["wrapped_master_key"]
    return Way(f"{lookup[:8]}-own", WayKind.PASSWORD, *own, row["created_at"])


def columns(ways: Iterable[Way]) -> dict[str, Any]:
    """What a row of `users` holds of its ways; the row's own salt, cost and wrapped key are the password's."""
    ways = tuple(ways)
    listed = {"lookup_hashes": [way.hash for way in ways], "ways": [way.stored() for way in ways]}
    password = (way for way in ways if way.kind == WayKind.PASSWORD)
    for own in password:
        names = ("salt", "iterations", "wrapped_master_key")
        return listed | {name: getattr(own, name) for name in names}
    return listed


def with_way(ways: Iterable[Way], new: Way) -> tuple[Way, ...]:
    """The ways with a new one, which takes the place of those of its kind: an account has one password, one key.

    A passkey takes nobody's place.
    """
    return (*(way for way in ways if way.kind != new.kind or new.kind == WayKind.PASSKEY), new)


def counted(ways: Iterable[Way], way_id: str, count: int) -> tuple[Way, ...]:
    """The ways once a passkey was used so often."""
    return tuple(replace(way, sign_count=max(count, way.sign_count)) if way.id == way_id else way for way in ways)


def read_way(content: object, now_ms: int) -> Way:
    """The way that a device sends; of a passkey, all but what its authenticator made. Raises `ApiError`."""
    if not isinstance(content, Mapping):
        raise _bad("A way into an account must be an object.")
    way_id, kind = content.get("id"), content.get("kind")
    lookup, wrapped = content.get("lookup_hash"), content.get("wrapped_master_key")
    iterations = content.get("iterations")
    if not isinstance(way_id, str) or not is_uuid(way_id):
        raise _bad("The id of a way must be a UUID.")
    if kind not in tuple(WayKind):
        raise _bad(f"The kind of a way must be one of {', '.join(WayKind)}.")
    if not isinstance(lookup, str) or not _HEX.fullmatch(lookup):
        raise _bad("The lookup hash of a way must be 64 hexadecimal digits.")
    is_passkey = kind == WayKind.PASSKEY
    least, most = (0, 0) if is_passkey else (MIN_ITERATIONS, MAX_ITERATIONS)
    if type(iterations) is not int or not least <= iterations <= most:
        raise _bad(f"The iterations of a way of this kind must be a number from {least} to {most}.")
    name = read_name(content.get("name")) if is_passkey else None
    salt = _salt(content.get("salt"))
    return Way(way_id, str(kind), salt, iterations, sha256_hex(lookup), _wrapped(wrapped), now_ms, name)


def read_name(value: object) -> str:
    """The sealed name of a passkey. Raises `ApiError`."""
    if isinstance(value, str) and len(value) <= MAX_NAME_CHARS and has_sealed_form(value):
        return value
    raise _bad("The name of a passkey must be sealed.")


def _salt(value: object) -> str:
    try:
        raw = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != SALT_BYTES:
        raise _bad(f"The salt of a way must be {SALT_BYTES} bytes, as base64.")
    return base64.b64encode(raw).decode()


def _wrapped(value: object) -> str:
    try:
        if isinstance(value, str) and len(value) <= MAX_WRAPPED_CHARS:
            check_wrapped(value)
            return value
    except UnknownFormat:
        pass
    raise _bad("The wrapped master key of a way does not have the form of one.")


def _bad(sentence: str) -> ApiError:
    return ApiError(400, "bad-field", sentence)
