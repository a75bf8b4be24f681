"""The server's one way to its disk: an async client of Directus' REST dialect.

One call is one request (and its retries): what a caller asks for at once travels at once, so that the
request log shows the warming protocol as it is. Errors: see ``directus_errors``, re-exported here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from starlette.types import ASGIApp

from server_mock.directus.errors import (
    DirectusBroken,
    DirectusConflict,
    DirectusError,
    DirectusRefused,
    DirectusRejected,
    DirectusTooLarge,
    DirectusUnavailable,
)
from server_mock.directus.paging import read_in_parts
from server_mock.directus.request import FILTER_COUNT, Call, Link, Retrying, unlogged
from server_mock.directus.request_log import LogEntry, RequestLog
from server_mock.directus.schema import (
    COLLECTIONS,
    PRIMARY_KEY,
    Fields,
    Row,
    is_uuid,
    rows_from_wire,
)

__all__ = [
    "DirectusBroken",
    "DirectusClient",
    "DirectusConflict",
    "DirectusError",
    "DirectusRefused",
    "DirectusRejected",
    "DirectusTooLarge",
    "DirectusUnavailable",
    "LogEntry",
    "RequestLog",
    "Retrying",
]


#: Rows of one answer that are asked for where Directus does not tell its limit.
UNTOLD_LIMIT = 10_000


#: Rows that one request deletes, or changes, by their ids.
DELETE_AT_ONCE = 500
UPDATE_AT_ONCE = 500


class DirectusClient:
    """Reads and writes rows of the collections; use it as an async context manager, or ``close`` it."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        app: ASGIApp | None = None,
        log: RequestLog | None = None,
        retrying: Retrying | None = None,
        collections: Mapping[str, Fields] = COLLECTIONS,
        prefix: str = "",
        max_payload: int | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Speak to the Directus at ``base_url``, or to ``app`` in this process when it is given.

        ``prefix`` is put before the names of all collections there. A body of more than ``max_payload`` bytes is not
        sent: ``DirectusTooLarge``.
        Raises ``ValueError`` for a token or an address that cannot be one; it never shows the token.
        """
        self.log = log if log is not None else RequestLog()
        self.query_limit: int | None = None
        """How many rows Directus puts into one answer at most; None: all that are asked for."""
        self._collections = collections
        self._prefix = prefix
        self._link = Link(
            base_url,
            token,
            log=self.log,
            retrying=retrying if retrying is not None else Retrying(),
            transport=transport if app is None else httpx.ASGITransport(app=app),
            max_payload=max_payload,
        )

    def __repr__(self) -> str:
        # httpx masks a password in a URL's repr.
        return f"{type(self).__name__}({self._link.url!r})"

    @property
    def max_payload(self) -> int | None:
        """The longest body that is sent, in bytes."""
        return self._link.max_payload

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._link.close()

    def unlogged(self) -> AbstractContextManager[None]:
        """Keep requests made inside out of the log: for what another device does.

        Tasks started inside inherit it.
        """
        return unlogged()

    async def read(self, collection: str, row_id: str) -> Row | None:
        """Return the row of that id, or None when there is none (Directus says 403 FORBIDDEN).

        What is no UUID is no row's id, here and below, and costs no request: in a URL it could mean
        something else.
        Raises ``DirectusError``.
        """
        if not is_uuid(row_id):
            return None
        call = Call("GET", self._path(collection, row_id), collection, {"id": row_id})
        try:
            rows = await self._rows(call)
        except DirectusRefused as error:
            if error.status == 403:
                return None
            raise
        return rows[0] if rows else None

    async def search(
        self,
        collection: str,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Directus' own word for it
        sort: Sequence[str] = (),
        limit: int = -1,
        offset: int = 0,
        fields: Sequence[str] = (),
    ) -> list[Row]:
        """Return the rows that ``filter`` (a Directus filter) finds after the first ``offset``; ``limit`` -1 is all.

        ``sort`` names fields, with a minus for descending; ``fields`` empty means every field. An ``_in``
        of an empty list is answered here, with no rows and no request: Directus calls it an error.
        Raises ``DirectusError``.
        """
        if filter and _finds_nothing(filter):
            return []
        query: dict[str, Any] = {"limit": limit}
        query |= {"filter": dict(filter)} if filter else {}
        query |= {"sort": list(sort)} if sort else {}
        query |= {"offset": offset} if offset else {}
        query |= {"fields": list(fields)} if fields else {}
        if self._takes_parts(limit):
            return (await self._parts(collection, query))[0]
        return await self._rows(Call("SEARCH", self._path(collection), collection, query, {"query": query}))

    async def search_counted(
        self,
        collection: str,
        *,
        filter: Mapping[str, Any],  # noqa: A002
        sort: Sequence[str],
        limit: int,
    ) -> tuple[list[Row], int]:
        """Return the first rows that ``filter`` finds, and how many it finds in all, of the same request.

        Raises ``DirectusError``.
        """
        query: dict[str, Any] = {"limit": limit, "filter": dict(filter), "sort": list(sort)}
        if self._takes_parts(limit):
            return await self._parts(collection, query)
        return await self._counted(collection, query)

    def _takes_parts(self, limit: int) -> bool:
        return self.query_limit is not None and (limit == -1 or limit > self.query_limit)

    async def _parts(self, collection: str, query: Mapping[str, Any]) -> tuple[list[Row], int]:
        most = self.query_limit or UNTOLD_LIMIT
        return await read_in_parts(lambda part: self._counted(collection, part), query, most)

    async def _counted(self, collection: str, query: Mapping[str, Any]) -> tuple[list[Row], int]:
        query = {**query, "meta": FILTER_COUNT}
        call = Call("SEARCH", self._path(collection), collection, query, {"query": query})
        rows, count = await self._link.answer(call)
        if count is None:
            raise DirectusBroken(f"The answer to the SEARCH of {collection} does not have the count it was asked for.")
        return self._typed(collection, rows), count

    async def create(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all of ``rows`` or, when it raises ``DirectusError``, none; no rows, no request.

        ``DirectusConflict`` when an id is taken, ``DirectusTooLarge`` for more than one request holds.
        """
        if rows:
            path = f"{self._path(collection)}?fields={PRIMARY_KEY}"
            query = {"ids": [row.get(PRIMARY_KEY) for row in rows]}
            await self._rows(Call("POST", path, collection, query, [dict(row) for row in rows]))

    async def update(self, collection: str, row_id: str, values: Mapping[str, Any]) -> bool:
        """Set ``values`` in a row; say whether the row was there. Raises ``DirectusError``."""
        if not is_uuid(row_id):
            return False
        path = f"{self._path(collection, row_id)}?fields={PRIMARY_KEY}"
        query = {"id": row_id, "fields": sorted(values)}
        try:
            return bool(await self._rows(Call("PATCH", path, collection, query, dict(values))))
        except DirectusRefused as error:
            if await self._is_forbidden(error, collection, [row_id]):
                raise
            return False

    async def update_each(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Set in each row, named by its id, values of its own, all or none; return how many rows there were.

        Raises ``DirectusError``. Directus makes such a list of updates one transaction (``ItemsService.updateBatch``).
        """
        if not rows:
            return 0
        path = f"{self._path(collection)}?fields={PRIMARY_KEY}"
        query = {"ids": [row[PRIMARY_KEY] for row in rows], "fields": sorted({name for row in rows for name in row})}
        return len(await self._rows(Call("PATCH", path, collection, query, [dict(row) for row in rows])))

    async def update_many(
        self,
        collection: str,
        *,
        filter: Mapping[str, Any],  # noqa: A002
        values: Mapping[str, Any],
    ) -> int:
        """Set the same ``values`` in every row that ``filter`` finds; return how many there were.

        Raises ``DirectusError``.
        """
        if _finds_nothing(filter):
            return 0
        if self.query_limit is not None:
            return await self._update_parts(collection, filter, values, self.query_limit)
        return await self._update_found(collection, filter, values)

    async def _update_parts(
        self, collection: str, found: Mapping[str, Any], values: Mapping[str, Any], most: int
    ) -> int:
        """Set values in what a filter finds, so many rows at a time: Directus would leave out the rest."""
        ids = [row[PRIMARY_KEY] for row in await self.search(collection, filter=found, fields=(PRIMARY_KEY,))]
        most = min(most, UPDATE_AT_ONCE)
        for start in range(0, len(ids), most):
            await self._update_found(collection, {PRIMARY_KEY: {"_in": ids[start : start + most]}}, values)
        return len(ids)

    async def _update_found(self, collection: str, filter: Mapping[str, Any], values: Mapping[str, Any]) -> int:  # noqa: A002
        found = {"filter": dict(filter), "limit": -1}
        query = {**found, "fields": sorted(values)}
        path = f"{self._path(collection)}?fields={PRIMARY_KEY}"
        body = {"query": found, "data": dict(values)}
        return len(await self._rows(Call("PATCH", path, collection, query, body)))

    async def delete(self, collection: str, row_id: str) -> None:
        """Delete a row; nothing happens when there is none. Raises ``DirectusError``."""
        if is_uuid(row_id):
            try:
                await self._rows(Call("DELETE", self._path(collection, row_id), collection, {"id": row_id}))
            except DirectusRefused as error:
                if await self._is_forbidden(error, collection, [row_id]):
                    raise

    async def _is_forbidden(self, error: DirectusRefused, collection: str, ids: Sequence[str]) -> bool:
        """Whether that is what a refusal means: to who is no administrator, it may say that a row is not there."""
        return error.status != 403 or len(await self.there_of(collection, ids)) == len(ids)

    async def there_of(self, collection: str, ids: Sequence[str]) -> list[str]:
        """Those of some ids of which there are rows. Raises ``DirectusError``."""
        rows = await self.search(collection, filter={PRIMARY_KEY: {"_in": list(ids)}}, fields=(PRIMARY_KEY,))
        return [str(row[PRIMARY_KEY]) for row in rows]

    async def delete_many(self, collection: str, ids: Sequence[str]) -> None:
        """Delete rows by their ids, those that are there, some at a time. Raises ``DirectusError``."""
        for start in range(0, len(ids), DELETE_AT_ONCE):
            some = list(ids[start : start + DELETE_AT_ONCE])
            try:
                await self._delete_some(collection, some)
            except DirectusRefused as error:
                if await self._is_forbidden(error, collection, some):
                    raise
                await self._delete_some(collection, await self.there_of(collection, some))

    async def _delete_some(self, collection: str, ids: list[str]) -> None:
        if ids:
            await self._rows(Call("DELETE", self._path(collection), collection, {"ids": ids}, ids))

    async def learn_query_limit(self) -> int | None:
        """Ask Directus for its ``QUERY_LIMIT_MAX``, and keep to it from now on; return it, None when there is none.

        Where it does not tell, everything is read in parts, which finds a limit. Raises ``DirectusError``.
        """
        info = await self._link.rows(Call("GET", "/server/info", "server", {}))
        limits = info[0].get("queryLimit") if info else None
        told = limits.get("max") if isinstance(limits, dict) else None
        if isinstance(told, int) and not isinstance(told, bool):
            self.query_limit = told if told > 0 else None
        else:
            self.query_limit = UNTOLD_LIMIT
        return self.query_limit

    async def ask(self, call: Call) -> list[Row]:
        """Make a request of another kind, such as one about the collections themselves. Raises ``DirectusError``."""
        return await self._rows(call)

    def named(self, collection: str) -> str:
        """What Directus calls one of the collections."""
        return f"{self._prefix}{collection}"

    def _path(self, collection: str, row_id: str | None = None) -> str:
        path = f"/items/{quote(self.named(collection), safe='')}"
        return path if row_id is None else f"{path}/{row_id}"

    async def _rows(self, call: Call) -> list[Row]:
        return self._typed(call.collection, await self._link.rows(call))

    def _typed(self, collection: str, rows: list[Row]) -> list[Row]:
        try:
            return rows_from_wire(self._collections[collection], rows)
        except (ValueError, TypeError) as error:
            sentence = f"A row of {collection} does not have the types of its collection."
            raise DirectusBroken(sentence) from error


def _finds_nothing(filter: Mapping[str, Any]) -> bool:  # noqa: A002
    """Say whether one of the filter's own fields has to be in an empty list."""
    tests = (test for test in filter.values() if isinstance(test, Mapping))
    return any("_in" in test and not test["_in"] for test in tests)
