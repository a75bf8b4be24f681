"""Ids for what is made on this device: chats, messages, mutations."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """A random UUID."""
    return str(uuid.uuid4())
