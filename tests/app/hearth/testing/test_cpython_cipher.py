"""The `cryptography` cipher and keyring keep the contract that WebCrypto keeps (e2e/test_contracts.py)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hearth.ports.keys import Key, Keyring
from hearth.ports.records import Records
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from tests.contracts import crypto as contract


class CryptographyEnv:
    """The CPython adapters; records are rows already."""

    def __init__(self) -> None:
        self.cipher = CryptographyCipher()

    async def key(self, raw: bytes, key_id: bytes) -> Key:
        """A key of given bytes."""
        return Key(key_id, AESGCM(raw))

    async def secret(self, raw: bytes) -> Key:
        """A secret of given bytes."""
        return Key(b"", raw)

    def keyring(self, account: str, master: Key) -> Keyring:
        """A keyring."""
        return CryptographyKeyring(self.cipher, account, master)

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """As they are."""
        return rows


@pytest.mark.parametrize("case", contract.CASES.values(), ids=contract.CASES.keys())
async def test_crypto(case: contract.Case) -> None:
    await case(CryptographyEnv())
