"""Invite codes: each makes one account on a server that asks for one. The operator's command writes them down.

A row of `invites` is named by the code's SHA-256, so that what lies on the disk makes no account. `used_by` is the
account that a code made: it is written before the account is, and a code whose account did not come to be stays good.
"""

from __future__ import annotations

import secrets
import uuid

from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.ways import sha256_hex

COLLECTION = "invites"
CODE_BYTES = 12
MAX_CODE_CHARS = 100
VALID_MS = 30 * 24 * 3600 * 1000
"""How long a code may be used."""


def new_code() -> str:
    """A new code, to be given to somebody: 96 random bits."""
    return secrets.token_urlsafe(CODE_BYTES)


def invite_row(code: str, now_ms: int) -> Row:
    """The row that makes a code valid."""
    hashed = sha256_hex(code.strip())
    return {"id": _row_id(hashed), "code_hash": hashed, "created_at": now_ms, "used_by": None}


class Invites:
    """Takes codes; every method raises `DirectusError`."""

    def __init__(self, client: DirectusClient) -> None:
        self._client = client

    async def take(self, code: str, account: str, now_ms: int) -> bool:
        """Use a code for an account that is about to be made; whether it may be."""
        hashed = sha256_hex(code.strip())
        row = await self._client.read(COLLECTION, _row_id(hashed))
        if row is None or row["code_hash"] != hashed or row["created_at"] + VALID_MS <= now_ms:
            return False
        if row["used_by"] not in (None, account) and await self._client.read("users", row["used_by"]) is not None:
            return False
        return await self._client.update(COLLECTION, row["id"], {"used_by": account})


def _row_id(hashed: str) -> str:
    return str(uuid.UUID(hashed[:32]))
