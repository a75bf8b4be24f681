"""Where the device stands, as rows of the object store `sync`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hearth.core.records.manifest_checks import Checked
from hearth.core.sync.older_chats import as_stored, from_stored
from hearth.ports.storage import Batch, SyncState

CURSOR, LAST_OPENED, PARTIAL, SETTLED, OLDER = "cursor", "last_opened", "partial", "settled", "older"
HAVE = "have:"
"""An interrupted warming has brought this chat; the cursor stands for all of them."""
CHECKED = "checked:"


def rows_of(batch: Batch) -> list[dict[str, Any]]:
    """The rows that a batch puts."""
    rows = [_row(CHECKED + chat, list(checked)) for chat, checked in batch.checked.items()]
    if batch.cursor is not None:
        rows.append(_row(CURSOR, batch.cursor))
    else:
        rows += [_row(HAVE + chat, stamp) for chat, stamp in batch.complete.items()]
    if batch.last_opened is not None:
        rows.append(_row(LAST_OPENED, batch.last_opened))
    if batch.older is not None:
        rows.append(_row(OLDER, as_stored(batch.older)))
    if batch.partial is not None:
        rows += [_row(PARTIAL, sorted(batch.partial)), _row(SETTLED, True)]
    return rows


def _row(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "value": value}


def state_of(rows: Iterable[Mapping[str, Any]], stamps: Mapping[str, int]) -> SyncState:
    """The state that is stored; `stamps` are the entries on the device with their `changed_at`."""
    stored = {row["name"]: row["value"] for row in rows}
    cursor = stored.get(CURSOR)
    return SyncState(
        cursor=cursor,
        last_opened=stored.get(LAST_OPENED),
        have={name.removeprefix(HAVE): at for name, at in stored.items() if name.startswith(HAVE)},
        have_settings={} if cursor else stamps,
        checked={
            name.removeprefix(CHECKED): Checked(*value) for name, value in stored.items() if name.startswith(CHECKED)
        },
        partial=frozenset(stored.get(PARTIAL, ())),
        older=from_stored(stored.get(OLDER)),
        settled=SETTLED in stored,
    )
