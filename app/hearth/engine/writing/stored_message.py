"""One message as it is stored here: what its next version is made from."""

from __future__ import annotations

from typing import Any

from hearth.ports.keys import Keyring
from hearth.ports.storage import Position, Store


async def stored_message(store: Store, keyring: Keyring, chat_id: str, at: Position) -> dict[str, Any] | None:
    """The message of a position; None when it is not here, or deleted."""
    rows = keyring.rows(await store.messages_from(chat_id, 1, at))
    return next((row for row in rows if row["id"] == at.id), None)
