"""An account whose search index the tests of this folder load."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.engine.storage.memory_store import MemoryStore
from hearth.ports.storage import Batch
from tests.app.hearth.engine.search.desk import CHATS, ENTRIES, MESSAGES, Desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    each = Desk()
    made = each.made
    store = MemoryStore(each.disk)
    await store.apply(
        Batch(
            {
                CHATS: [made.chat("a", "Holiday in Graz", last_updated=1), made.chat("b", "Taxes", last_updated=2)],
                MESSAGES: [
                    made.message("a", 1, "Pack the kettle"),
                    made.message("a", 2, "and the stove"),
                    made.message("b", 1, "The form is due in May"),
                ],
                ENTRIES: [made.app("app", "Calendar"), made.setting("app", "s", "Week starts on", "Monday")],
            },
            cursor="1",
        )
    )
    yield each
    for indexer in each.running:
        await indexer.stop()
