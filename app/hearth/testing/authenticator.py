"""An authenticator in memory (WebAuthn Level 3 and CTAP 2.2, as far as Hearth needs them), and the port on it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from hearth.core.passkeys import base64url, from_base64url
from hearth.ports.keys import Key
from hearth.ports.passkeys import NoPasskey, PasskeyAnswer, PasskeyProblem

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
"""Flags of the authenticator data (section 6.1)."""


@dataclass(slots=True)
class StoredPasskey:
    """One passkey: its pair of keys, and the secret of its PRF extension."""

    id: bytes
    rp_id: str
    user_handle: bytes
    name: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    secret: bytes = field(repr=False)
    count: int = 0


@dataclass(slots=True)
class SoftwareAuthenticator:
    """Holds passkeys; several browsers may share one, as a security key or a synced store does."""

    has_prf: bool = True
    gives_prf_at_creation: bool = True
    """Whether a new passkey's secret comes at once, or at the first use only."""
    counts: bool = True
    """Whether each use counts; synced passkeys do not."""
    verifies: bool = True
    """Whether it asks who the person is."""
    passkeys: list[StoredPasskey] = field(default_factory=list)

    def create(self, origin: str, options: Mapping[str, Any]) -> tuple[StoredPasskey, dict[str, Any]]:
        """Make a passkey: it, and what the server is shown."""
        user = options["user"]
        made = StoredPasskey(
            os.urandom(16),
            _host(origin),
            from_base64url(user["id"]),
            user["name"],
            ec.generate_private_key(ec.SECP256R1()),
            os.urandom(32),
        )
        self.passkeys.append(made)
        numbers = made.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(made.id).to_bytes(2, "big") + made.id + cbor(cose)
        data = self._data(made, ATTESTED) + attested
        client_data = _client_data("webauthn.create", options["challenge"], origin)
        shown = {
            "clientDataJSON": base64url(client_data),
            "attestationObject": base64url(cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return made, _credential(made.id, shown)

    def sign(self, origin: str, passkey: StoredPasskey, options: Mapping[str, Any]) -> dict[str, Any]:
        """Sign a challenge: what the server is shown."""
        if self.counts:
            passkey.count += 1
        data = self._data(passkey)
        client_data = _client_data("webauthn.get", options["challenge"], origin)
        signature = passkey.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        shown = {
            "clientDataJSON": base64url(client_data),
            "authenticatorData": base64url(data),
            "signature": base64url(signature),
            "userHandle": base64url(passkey.user_handle),
        }
        return _credential(passkey.id, shown)

    def prf(self, passkey: StoredPasskey, options: Mapping[str, Any]) -> bytes:
        """What the extension gives for the input that is asked for (section 10.1.4)."""
        first = from_base64url(options["extensions"]["prf"]["eval"]["first"])
        bound = hashlib.sha256(b"WebAuthn PRF\0" + first).digest()
        return hmac.new(passkey.secret, bound, hashlib.sha256).digest()

    def _data(self, passkey: StoredPasskey, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        rp_hash = hashlib.sha256(passkey.rp_id.encode()).digest()
        return rp_hash + bytes([flags]) + passkey.count.to_bytes(4, "big")


class FakePasskeys:
    """`hearth.ports.passkeys.Passkeys` on an authenticator in memory; the person chooses the passkey made last."""

    def __init__(self, authenticator: SoftwareAuthenticator, origin: str) -> None:
        self.authenticator = authenticator
        self.origin = origin
        self.problem: PasskeyProblem | None = None
        """What is wrong from the start."""
        self.refuses: PasskeyProblem | None = None
        """What the browser's window ends with."""

    async def obstacle(self) -> PasskeyProblem | None:
        """As the test has it."""
        return self.problem

    async def create(self, options: Mapping[str, Any]) -> PasskeyAnswer:
        """Make a passkey, unless one of the excluded is there."""
        self._refuse()
        excluded = {from_base64url(each["id"]) for each in options["excludeCredentials"]}
        if any(each.id in excluded for each in self.authenticator.passkeys):
            raise NoPasskey(PasskeyProblem.KNOWN)
        made, credential = self.authenticator.create(self.origin, options)
        at_once = self.authenticator.has_prf and self.authenticator.gives_prf_at_creation
        return self._answer(made, credential, options, gives=at_once)

    async def get(self, options: Mapping[str, Any]) -> PasskeyAnswer:
        """Sign with the passkey of this site that was made last."""
        self._refuse()
        wanted = {from_base64url(each["id"]) for each in options["allowCredentials"]}
        fits = [
            each
            for each in self.authenticator.passkeys
            if each.rp_id == _host(self.origin) and (not wanted or each.id in wanted)
        ]
        if not fits:
            raise NoPasskey(PasskeyProblem.CANCELLED)
        credential = self.authenticator.sign(self.origin, fits[-1], options)
        return self._answer(fits[-1], credential, options, gives=self.authenticator.has_prf)

    async def forget(self, credential_id: str) -> None:
        """Remove it."""
        gone = from_base64url(credential_id)
        self.authenticator.passkeys = [each for each in self.authenticator.passkeys if each.id != gone]

    def _refuse(self) -> None:
        if self.refuses is not None:
            raise NoPasskey(self.refuses)

    def _answer(
        self, passkey: StoredPasskey, credential: dict[str, Any], options: Mapping[str, Any], *, gives: bool
    ) -> PasskeyAnswer:
        secret = Key(b"", self.authenticator.prf(passkey, options)) if gives else None
        return PasskeyAnswer(base64url(passkey.id), credential, secret, self.authenticator.has_prf)


def cbor(value: object) -> bytes:
    """The CBOR (RFC 8949) of whole numbers, bytes, texts and maps of them, in the order they have."""
    match value:
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case dict():
            return _head(5, len(value)) + b"".join(cbor(key) + cbor(each) for key, each in value.items())
        case _:
            raise TypeError(f"This has no CBOR here: {type(value).__name__}.")


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    size = 1 if number < 2**8 else 2 if number < 2**16 else 4
    return bytes([major << 5 | 24 + size.bit_length() - 1]) + number.to_bytes(size, "big")


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def _credential(raw_id: bytes, response: dict[str, Any]) -> dict[str, Any]:
    return {"id": base64url(raw_id), "rawId": base64url(raw_id), "type": "public-key", "response": response}


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""
