"""A new way into an account: a secret with a salt and a cost of its own, which wraps the account's master key."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from typing import Any

from hearth.core.records import recovery_key
from hearth.core.records.envelope import PBKDF2_ITERATIONS, SALT_BYTES
from hearth.core.records.ways import WayKind, master_place
from hearth.engine.new_id import new_id
from hearth.ports.keys import Cipher, Credentials, Key


@dataclass(frozen=True, slots=True)
class NewWay:
    """A way that no account has yet: what its secret derives to, and what it was derived with."""

    id: str
    kind: WayKind
    salt: bytes
    iterations: int
    credentials: Credentials

    def told(self, wrapped: str) -> dict[str, Any]:
        """What the server is told of it; `wrapped` is the account's master key, which it wraps."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "salt": base64.b64encode(self.salt).decode(),
            "iterations": self.iterations,
            "lookup_hash": self.credentials.lookup_hash,
            "wrapped_master_key": wrapped,
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """A way that the person has shown to hold: what it derives to, and the master key that it wraps."""

    credentials: Credentials
    wrapped: str = field(repr=False)


async def new_way(cipher: Cipher, kind: WayKind, secret: bytes) -> NewWay:
    """Derive what a new way needs, at today's cost."""
    salt = os.urandom(SALT_BYTES)
    credentials = await cipher.derive(secret, salt, PBKDF2_ITERATIONS)
    return NewWay(new_id(), kind, salt, PBKDF2_ITERATIONS, credentials)


async def new_recovery_key(cipher: Cipher) -> tuple[str, NewWay]:
    """A new recovery key, as it is shown, and the way that it is."""
    shown = recovery_key.make(os.urandom(recovery_key.KEY_BYTES))
    secret = recovery_key.secret_of(recovery_key.read(shown) or "")
    return shown, await new_way(cipher, WayKind.RECOVERY, secret)


async def new_passkey(cipher: Cipher, secret: Key) -> NewWay:
    """A new way from what a passkey's PRF extension gives: 32 random bytes need no stretching."""
    salt = os.urandom(SALT_BYTES)
    return NewWay(new_id(), WayKind.PASSKEY, salt, 0, await cipher.derive_from_secret(secret, salt))


async def wrap(cipher: Cipher, account: str, proof: Proof, way: NewWay) -> dict[str, Any]:
    """What the server is told of a way into an account that another way opens. Raises `SealError`."""
    wrapping: Key = way.credentials.wrapping
    place = master_place(account)
    return way.told(await cipher.rewrap_key(proof.credentials.wrapping, proof.wrapped, place, wrapping))
