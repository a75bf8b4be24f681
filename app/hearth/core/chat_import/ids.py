"""Ids of what is imported: the same for the same original in one account, and no other account's.

An id is an HMAC under a secret of the account, so that a server that knows a file of chats, or holds two accounts that
have imported the same one, cannot tell. The *generation* is what makes another id of the same original: an id that was
deleted is used up, since a tombstone stays.
"""

from __future__ import annotations

import hashlib
import json
import uuid

from hearth.core.chat_import.model import Source

BLOCK_BYTES = 64
"""The block of SHA-256."""


def imported_chat_id(secret: bytes, source: Source, original: str, generation: int) -> str:
    """The id of a chat."""
    return _id(secret, "hearth import chat", source.value, original, generation)


def imported_message_id(secret: bytes, chat_id: str, original: str, generation: int) -> str:
    """The id of a message of an imported chat."""
    return _id(secret, "hearth import message", chat_id, original, generation)


def _id(secret: bytes, *parts: str | int) -> str:
    text = json.dumps(parts, separators=(",", ":")).encode()
    return str(uuid.UUID(bytes=hmac_sha256(secret, text)[:16], version=4))


def hmac_sha256(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104). Python's own `hmac` is not in the start-up snapshot: it would cost 2.5 MB to fetch."""
    key = (hashlib.sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(each ^ 0x36 for each in key) + text).digest()
    return hashlib.sha256(bytes(each ^ 0x5C for each in key) + inner).digest()
