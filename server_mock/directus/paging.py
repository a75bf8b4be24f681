"""Reads what Directus gives in parts, where its ``QUERY_LIMIT_MAX`` is lower than what is asked for.

Directus answers fewer rows than it was asked for without a word. So each part is asked for together with the number of
rows that the filter finds, and rows that moved between two parts, or came twice, are noticed: then it is read again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from server_mock.directus.errors import DirectusUnavailable
from server_mock.directus.schema import PRIMARY_KEY, Row

#: How often a collection that changes while it is read is read again.
TRIES = 4

ReadPart = Callable[[dict[str, Any]], Awaitable[tuple[list[Row], int]]]


async def read_in_parts(read: ReadPart, query: Mapping[str, Any], most: int) -> tuple[list[Row], int]:
    """Return what ``query`` finds, read by ``read`` in parts of at most ``most`` rows, and how many its filter finds.

    Raises ``DirectusUnavailable`` where the rows change faster than they can be read.
    """
    query = _with_key(query)
    for _ in range(TRIES):
        rows, found = await _read_once(read, query, most)
        if len(rows) >= _wanted(query, found):
            return list(rows.values()), found
    raise DirectusUnavailable("The rows changed while they were read, in parts, since QUERY_LIMIT_MAX is low.")


async def _read_once(read: ReadPart, query: dict[str, Any], most: int) -> tuple[dict[str, Row], int]:
    rows: dict[str, Row] = {}
    passed = 0
    while True:
        left = most if query["limit"] == -1 else min(most, query["limit"] - passed)
        part, found = await read({**query, "limit": left, "offset": query.get("offset", 0) + passed})
        rows.update((row[PRIMARY_KEY], row) for row in part)
        passed += len(part)
        if not part or passed >= _wanted(query, found):
            return rows, found


def _wanted(query: Mapping[str, Any], found: int) -> int:
    rest = max(0, found - int(query.get("offset", 0)))
    return rest if query["limit"] == -1 else min(rest, int(query["limit"]))


def _with_key(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the query in an order that no two rows share, with the key among its fields."""
    whole = {**query, "sort": [*query.get("sort", ()), PRIMARY_KEY]}
    if PRIMARY_KEY in query.get("sort", ()):
        whole["sort"] = list(query["sort"])
    if PRIMARY_KEY not in query.get("fields", (PRIMARY_KEY,)):
        whole["fields"] = [*query["fields"], PRIMARY_KEY]
    return whole
