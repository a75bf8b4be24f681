"""A disk that lies, for tests: rows are left out, exchanged, or shown as they were before.

What a hostile server would have kept, the `Archive` keeps from the start: each row as it was before it was
written over. The lies are told on the way from Directus, so that every answer is in itself without a flaw.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hearth.core.records.schema import SPECS, Collection

Row = dict[str, Any]
_COLLECTIONS = frozenset(Collection)


@dataclass(slots=True)
class Archive:
    """Each row that was written since the server started, as it was before; None when it was not there."""

    _first: dict[tuple[str, str], Row | None] = field(default_factory=dict)

    def keep(self, collection: Collection, row_id: str, before: Row | None) -> None:
        """Keep a row unless an earlier state of it is kept already."""
        self._first.setdefault((collection.value, row_id), before)

    def knows(self, collection: str, row_id: str) -> bool:
        """Whether there is an earlier state of a row."""
        return (collection, row_id) in self._first

    def before(self, collection: str, row_id: str) -> Row | None:
        """The earliest state of a row that has one."""
        return self._first[collection, row_id]


@dataclass(frozen=True, slots=True)
class Lies:
    """What the disk lies about; empty, it tells the truth."""

    drop_message: str | None = None
    drop_chat: str | None = None
    replay_message: str | None = None
    swap_messages: tuple[str, str] | None = None
    rollback_chat: str | None = None
    rollback_account: bool = False
    drop_manifest: bool = False

    @property
    def told(self) -> bool:
        """Whether there is any."""
        return self != HONEST

    def tell(self, archive: Archive, collection: str, rows: Iterable[Row]) -> list[Row]:
        """The rows of an answer as the liar shows them."""
        if collection not in _COLLECTIONS:
            return list(rows)
        shown = [row for each in rows if (row := self._show(archive, collection, each)) is not None]
        if self.swap_messages and collection == Collection.MESSAGES:
            _swap(shown, *self.swap_messages)
        return shown

    def _show(self, archive: Archive, collection: str, row: Row) -> Row | None:
        row_id = row.get("id")
        if not isinstance(row_id, str):
            return row
        chat_id = row.get("chat_id") if collection == Collection.MESSAGES else row_id
        if row_id == self.drop_message or (self.drop_chat is not None and chat_id == self.drop_chat):
            return None
        if self.drop_manifest and len(row.get("sealed") or "") > _MANIFEST_CHARS and row.get("app_id") == row_id:
            return None
        back = self.rollback_account or row_id == self.replay_message
        back = back or (self.rollback_chat is not None and chat_id == self.rollback_chat)
        return archive.before(collection, row_id) if back and archive.knows(collection, row_id) else row


HONEST = Lies()
_MANIFEST_CHARS = 300
"""A liar cannot read which record is the manifest, but can guess it by its length: no other app's own is so long."""


def _swap(rows: list[Row], one: str, other: str) -> None:
    named = {row["id"]: row for row in rows if row["id"] in (one, other)}
    if len(named) == 2:
        for name in SPECS[Collection.MESSAGES].sealed:
            named[one][name], named[other][name] = named[other][name], named[one][name]


def retold(lies: Lies, archive: Archive, path: str, body: bytes) -> bytes | None:
    """A body of Directus, `{"data": rows or row}`, as the liar shows it; None for a row that is not shown."""
    parts = path.strip("/").split("/")
    if len(parts) < 2 or parts[0] != "items":
        return body
    answer: Mapping[str, Any] = json.loads(body or b"null")
    data = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(data, list):
        shown = lies.tell(archive, parts[1], data)
        # A liar that leaves a row out does not count it either.
        meta = {name: int(count) - (len(data) - len(shown)) for name, count in (answer.get("meta") or {}).items()}
        return json.dumps({"data": shown, **({"meta": meta} if meta else {})}).encode()
    if isinstance(data, dict):
        row = lies.tell(archive, parts[1], [data])
        return json.dumps({"data": row[0]}).encode() if row else None
    return body
