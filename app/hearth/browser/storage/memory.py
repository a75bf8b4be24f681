"""The store in memory for the page: JavaScript's records on one side, rows of Python's own on the other."""

from __future__ import annotations

import json
from typing import cast

import js

from hearth.engine.storage.memory_store import MemoryStore, Row
from hearth.ports.records import Records


class JsonRows:
    """Records are JavaScript arrays; JSON text is the fastest way across the border."""

    def rows(self, records: Records) -> list[Row]:
        """A JavaScript array as rows."""
        return cast("list[Row]", json.loads(js.JSON.stringify(records)))

    def records(self, rows: list[Row]) -> Records:
        """Rows as a JavaScript array."""
        return cast(Records, js.JSON.parse(json.dumps(rows)))


def memory_store() -> MemoryStore:
    """An empty store that is gone with the page."""
    return MemoryStore(codec=JsonRows())
