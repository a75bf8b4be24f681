"""The record of a chat's draft: what was typed and not sent, sealed as a message of a role of its own."""

from __future__ import annotations

import hashlib
import uuid

DRAFT_CREATED_AT = 0
"""Every draft's `created_at`: it is the first of its chat's messages, so that it is found without a search."""


def draft_id(chat_id: str) -> str:
    """The id of a chat's draft: the same on every device, so that no two are made."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"hearth draft {chat_id}".encode()).digest()[:16], version=4))
