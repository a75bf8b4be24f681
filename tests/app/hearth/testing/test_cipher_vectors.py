"""The `cryptography` cipher against known answers; `e2e/test_contracts.py` puts WebCrypto through the same."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hearth.core.errors import Damaged
from hearth.core.records import envelope
from hearth.testing.cpython_cipher import CryptographyCipher, gcm_open
from tests.vectors import Vector, nist, vectors, wycheproof


def test_the_vectors_are_all_there() -> None:
    from_wycheproof, from_nist = list(wycheproof()), list(nist())
    assert len(from_wycheproof) == 66
    assert sum(not each["valid"] for each in from_wycheproof) == 27
    assert len(from_nist) == 375
    assert sum(not each["valid"] for each in from_nist) == 191


@pytest.mark.parametrize("valid", [True, False])
def test_known_answers(valid: bool) -> None:
    chosen = [each for each in vectors() if each["valid"] is valid]
    assert chosen
    assert [each for each in chosen if _opened(each) != (each["plain"] if valid else None)] == []


async def test_the_derivation_is_pbkdf2_then_hkdf() -> None:
    """Spelled out with HMAC alone (RFC 5869, one block, no salt), so that it does not share code."""
    credentials = await CryptographyCipher().derive(b"password", b"salt" * 8, 1_000)
    root = hashlib.pbkdf2_hmac("sha256", b"password", b"salt" * 8, 1_000)
    extracted = hmac.digest(bytes(32), root, "sha256")
    assert credentials.lookup_hash == hmac.digest(extracted, envelope.LOOKUP_INFO + b"\1", "sha256").hex()
    assert credentials.wrapping.id == hmac.digest(extracted, envelope.KEY_ID_INFO + b"\1", "sha256")[:8]
    wrapping = hmac.digest(extracted, envelope.WRAPPING_INFO + b"\1", "sha256")
    nonce = bytes(12)
    sealed = AESGCM(wrapping).encrypt(nonce, b"plain", b"aad")
    assert gcm_open(credentials.wrapping.handle, nonce, b"aad", sealed) == b"plain"


def _opened(vector: Vector) -> str | None:
    key, nonce, aad, body = (
        bytes.fromhex(each) for each in (vector["key"], vector["nonce"], vector["aad"], vector["body"])
    )
    try:
        return gcm_open(AESGCM(key), nonce, aad, body).hex()
    except Damaged:
        return None
