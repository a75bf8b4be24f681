"""One message as it is stored: found by its position and id, and by nothing near it."""

from __future__ import annotations

import pytest

from hearth.core.records.schema import Collection
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.engine.writing.stored_message import stored_message
from hearth.ports.storage import Batch, Position
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount

ACCOUNT = MadeAccount()


@pytest.mark.parametrize(
    ("at", "found"),
    [(Position(2, "a-2"), "a-2"), (Position(2, "a-1"), None), (Position(3, "a-2"), None), (Position(9, "a-9"), None)],
)
async def test_it_is_found_by_position_and_id(at: Position, found: str | None) -> None:
    store = MemoryStore(Disk())
    keyring = CryptographyKeyring(ACCOUNT.cipher, ACCOUNT.id, ACCOUNT.master)
    rows = [ACCOUNT.message("a", n, "text") for n in (1, 2, 3)]
    await store.apply(Batch({Collection.CHATS: [ACCOUNT.chat("a", "A")], Collection.MESSAGES: rows}))
    row = await stored_message(store, keyring, "a", at)
    assert (row["id"] if row else None) == found
