"""The requests of a write to Directus: rows by their ids, new rows, changed rows, each collection on its own.

Directus makes a list of rows to create, or of rows to change, one transaction, but has none over two requests. A list
that is longer than it takes becomes several requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hearth.core.protocol.codec import MAX_RECORD_CHARS
from hearth.core.records.schema import SPECS, Collection, emptied
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.answered_mutations import Stored
from server_mock.protocol.write_rules import CHATS, ENTRIES, MESSAGES, Owner, Step

MAX_PAYLOAD_BYTES = 1_000_000
"""The longest body of a request, unless the server is told otherwise: Directus' `MAX_PAYLOAD_SIZE` is 1 MB."""

ROW_BYTES = 500
"""What a row holds beside what its record does, and a body beside its rows."""

READ_AT_ONCE = 100
"""How many rows are asked for in one request: Directus answers so many without being told a limit."""

ANSWERED = "answered"
"""The column of the manifest's row that holds the mutations that were answered."""


class RecordDisk:
    """Reads and writes rows of records; every method raises `DirectusError`."""

    def __init__(self, client: DirectusClient, max_payload: int = MAX_PAYLOAD_BYTES) -> None:
        self._client = client
        self._max_payload = max_payload

    @property
    def max_record_chars(self) -> int:
        """The longest record that fits a request, as JSON text, and that a device can read."""
        return min(self._max_payload - ROW_BYTES, MAX_RECORD_CHARS)

    def fit_together(self, records: Iterable[Mapping[str, Any]]) -> bool:
        """Whether rows of these records are created in one request, all or none."""
        return len(list(self._bodies(records, spare=ROW_BYTES))) <= 1

    async def read(self, collection: Collection, ids: Sequence[str]) -> list[Row]:
        """The rows of these ids, whosever they are; no ids, no request."""
        found: list[Row] = []
        for start in range(0, len(ids), READ_AT_ONCE):
            some = list(ids[start : start + READ_AT_ONCE])
            found += await self._client.search(collection.value, filter={"id": {"_in": some}}, limit=len(some))
        return found

    async def create(self, collection: Collection, steps: Iterable[Step]) -> None:
        """Create the rows of a collection that are new."""
        await self._create(collection, (step.after for step in _of(collection, steps) if step.is_new))

    async def update(self, collection: Collection, steps: Iterable[Step]) -> None:
        """Change the rows of a collection that are there."""
        await self._update(collection, (step.values() for step in _of(collection, steps) if not step.is_new))

    async def put_chats(self, owner: Owner, steps: Sequence[Step], stamp: int) -> None:
        """Write chats. All messages of those that are deleted are deleted, too: what they held is not kept."""
        await self.create(CHATS, steps)
        await self.update(CHATS, steps)
        gone = [step.after["id"] for step in _of(CHATS, steps) if step.after["deleted_at"] is not None]
        mine = {"hashed_user_id": {"_eq": owner.hashed_id}, "chat_id": {"_in": gone}}
        values = {**emptied(MESSAGES), "deleted_at": stamp, "changed_at": stamp}
        await self._client.update_many(MESSAGES.value, filter=mine, values=values)

    async def put_entries(self, owner: Owner, steps: Iterable[Step], answered: Stored | None, stamp: int) -> None:
        """Write settings and memories in one transaction, with the mutations that are answered in the manifest's row.

        What is new is there before, as a tombstone of version 0 that nobody misses.
        """
        mine = _of(ENTRIES, steps)
        blank = {**dict.fromkeys(SPECS[ENTRIES].sealed), "version": 0, "deleted_at": stamp}
        await self._create(ENTRIES, (step.after | blank for step in mine if step.is_new))
        also = {owner.manifest_id: {ANSWERED: answered}} if answered is not None else {}
        await self._update(ENTRIES, (step.values() | also.get(step.after["id"], {}) for step in mine))

    async def _create(self, collection: Collection, rows: Iterable[Row]) -> None:
        for body in self._bodies(rows):
            await self._client.create(collection.value, body)

    async def _update(self, collection: Collection, rows: Iterable[Row]) -> None:
        for body in self._bodies(rows):
            await self._client.update_each(collection.value, body)

    def _bodies(self, rows: Iterable[Mapping[str, Any]], spare: int = 0) -> Iterator[list[Mapping[str, Any]]]:
        """The rows in as few requests as Directus takes."""
        body: list[Mapping[str, Any]] = []
        size = 2
        for row in rows:
            chars = len(json.dumps(row, separators=(",", ":"))) + 1 + spare
            if body and size + chars > self._max_payload:
                yield body
                body, size = [], 2
            body.append(row)
            size += chars
        if body:
            yield body


def _of(collection: Collection, steps: Iterable[Step]) -> list[Step]:
    return [step for step in steps if step.collection is collection]
