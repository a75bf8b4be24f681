"""The server's one way to its disk: an async client of Directus' REST dialect.

One call is one request (and its retries): what a caller asks for at once travels at once, so that the
request log shows the warming protocol as it is. Errors: see ``directus_errors``, re-exported here.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from starlette.types import ASGIApp

from server_mock.backoff import backoff, retry_after
from server_mock.directus_errors import (
    DirectusBroken,
    DirectusConflict,
    DirectusError,
    DirectusRefused,
    DirectusRejected,
    DirectusUnavailable,
)
from server_mock.request_log import LogEntry, RequestLog
from server_mock.schema import COLLECTIONS, PRIMARY_KEY, Fields, Row, creation_body, rows_from_wire

__all__ = [
    "DirectusBroken",
    "DirectusClient",
    "DirectusConflict",
    "DirectusError",
    "DirectusRefused",
    "DirectusRejected",
    "DirectusUnavailable",
    "LogEntry",
    "RequestLog",
    "Retrying",
]

#: Characters of Directus' own words that go into an exception.
_MAX_QUOTED = 300

_unlogged: ContextVar[bool] = ContextVar("directus_unlogged", default=False)


@dataclass(frozen=True, slots=True)
class Retrying:
    """How often and how patiently to try; the clocks and the chance of it can be injected."""

    tries: int = 4
    #: For one attempt, from connecting to the last byte, in seconds.
    timeout_s: float = 10.0
    #: A ``Retry-After`` beyond this ends the tries: someone is waiting for a page.
    longest_wait_s: float = 10.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    wall_clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class _Call:
    """A request to make, and how the log tells it."""

    method: str
    path: str
    collection: str
    #: What the log shows: ids, filters and names of fields, never the values of a write.
    query: dict[str, Any]
    json: Any = None


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
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Speak to the Directus at ``base_url``, or to ``app`` in this process when it is given.

        Raises ``ValueError``, which does not show it, when ``token`` could not be a header.
        """
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("The Directus token is empty, or holds spaces or characters that no header may.")
        self.log = log if log is not None else RequestLog(time.monotonic)
        self._retrying = retrying if retrying is not None else Retrying()
        self._collections = collections
        self._token = token
        if app is not None:
            transport = httpx.ASGITransport(app=app)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=self._retrying.timeout_s,
            transport=transport,
            # The environment's proxies and .netrc are not for a service of one's own.
            trust_env=False,
        )

    def __repr__(self) -> str:
        # httpx masks a password in a URL's repr.
        return f"{type(self).__name__}({self._http.base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @contextmanager
    def unlogged(self) -> Iterator[None]:
        """Keep requests out of the log, for what another device does; tasks started inside inherit it."""
        mark = _unlogged.set(True)
        try:
            yield
        finally:
            _unlogged.reset(mark)

    async def read(self, collection: str, row_id: str) -> Row | None:
        """Return the row of that id, or None when there is none (Directus says 403 FORBIDDEN).

        Raises ``DirectusError``.
        """
        call = _Call("GET", _path(collection, row_id), collection, {"id": row_id})
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
        fields: Sequence[str] = (),
    ) -> list[Row]:
        """Return the rows that ``filter`` (a Directus filter) finds; ``limit`` -1 is all of them.

        ``sort`` names fields, with a minus for descending; ``fields`` empty means every field. An ``_in``
        of an empty list is answered here, with no rows and no request: Directus calls it an error.
        Raises ``DirectusError``.
        """
        if filter and _finds_nothing(filter):
            return []
        query: dict[str, Any] = {"limit": limit}
        query |= {"filter": dict(filter)} if filter else {}
        query |= {"sort": list(sort)} if sort else {}
        query |= {"fields": list(fields)} if fields else {}
        return await self._rows(_Call("SEARCH", _path(collection), collection, query, {"query": query}))

    async def create(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all of ``rows`` or, when it raises ``DirectusError``, none; no rows, no request.

        Directus takes bodies of at most 1 MB. ``DirectusConflict`` when an id is taken.
        """
        if rows:
            path = f"{_path(collection)}?fields={PRIMARY_KEY}"
            query = {"ids": [row.get(PRIMARY_KEY) for row in rows]}
            await self._rows(_Call("POST", path, collection, query, [dict(row) for row in rows]))

    async def update(self, collection: str, row_id: str, values: Mapping[str, Any]) -> bool:
        """Set ``values`` in a row; say whether the row was there. Raises ``DirectusError``."""
        path = f"{_path(collection, row_id)}?fields={PRIMARY_KEY}"
        query = {"id": row_id, "fields": sorted(values)}
        return bool(await self._rows(_Call("PATCH", path, collection, query, dict(values))))

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
        found = {"filter": dict(filter), "limit": -1}
        query = {**found, "fields": sorted(values)}
        path = f"{_path(collection)}?fields={PRIMARY_KEY}"
        body = {"query": found, "data": dict(values)}
        return len(await self._rows(_Call("PATCH", path, collection, query, body)))

    async def delete(self, collection: str, row_id: str) -> None:
        """Delete a row; nothing happens when there is none. Raises ``DirectusError``."""
        await self._rows(_Call("DELETE", _path(collection, row_id), collection, {"id": row_id}))

    async def ensure_collections(self) -> list[str]:
        """Make the collections that are missing; return their names.

        Raises ``DirectusRefused`` when one exists but lacks fields, and ``DirectusError``.
        """
        made = []
        for name, fields in self._collections.items():
            if await self._has_fields(name, fields):
                continue
            if await self._exists(name):
                raise DirectusRefused(
                    f'Directus has a collection "{name}" already, but not with the fields that Hearth needs.'
                )
            body = creation_body(name, fields)
            await self._rows(_Call("POST", "/collections", name, {"fields": sorted(fields)}, body))
            made.append(name)
        return made

    async def _has_fields(self, collection: str, fields: Fields) -> bool:
        try:
            await self.search(collection, limit=0, fields=sorted(fields))
        except DirectusRefused as error:
            if error.status == 403:
                return False
            raise
        return True

    async def _exists(self, collection: str) -> bool:
        try:
            await self._rows(_Call("GET", f"/collections/{quote(collection)}", collection, {}))
        except DirectusRefused as error:
            if error.status == 403:
                return False
            raise
        return True

    async def _rows(self, call: _Call) -> list[Row]:
        """Make the request, again while that may help; return the rows of its answer."""
        waits = backoff(self._retrying.random)
        for attempt in range(1, self._retrying.tries + 1):
            try:
                return await self._attempt(call)
            except _Retry as retry:
                wait = next(waits) if retry.wait_s is None else retry.wait_s
                if attempt == self._retrying.tries or wait > self._retrying.longest_wait_s:
                    raise retry.error from retry.__cause__
                await self._retrying.sleep(wait)
        raise ValueError("Retrying.tries is less than 1")

    async def _attempt(self, call: _Call) -> list[Row]:
        finish = None if _unlogged.get() else self.log.start(call.method, call.collection, call.query)
        status, rows = None, list[Row]()
        try:
            response = await self._send(call)
            status = response.status_code
            if not response.is_success:
                self._fail(call, response)
            rows = self._answered_rows(call, response)
            return rows
        finally:
            if finish:
                finish(status, len(rows))

    async def _send(self, call: _Call) -> httpx.Response:
        try:
            # httpx' own limits are per read, and an in-process application has none.
            async with asyncio.timeout(self._retrying.timeout_s):
                return await self._http.request(call.method, call.path, json=call.json)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _Retry(DirectusUnavailable("Directus cannot be reached.")) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            unavailable = DirectusUnavailable(f"Directus took longer than {self._retrying.timeout_s:g} s.")
            raise self._unless_posted(call, unavailable) from error
        except httpx.TransportError as error:
            unavailable = DirectusUnavailable("The connection to Directus broke.")
            raise self._unless_posted(call, unavailable) from error

    @staticmethod
    def _unless_posted(call: _Call, error: DirectusUnavailable) -> Exception:
        """A POST that got no answer may have been done: to repeat it could do it twice."""
        return error if call.method == "POST" else _Retry(error)

    def _fail(self, call: _Call, response: httpx.Response) -> None:
        """Raise what an answer that is no success means."""
        status = response.status_code
        code, words = self._told(response)
        where = f"{call.method} of {call.collection}: {status} {code or ''}".rstrip()
        if status in (429, 503):
            wait = retry_after(response.headers.get("Retry-After"), self._retrying.wall_clock())
            raise _Retry(
                DirectusUnavailable(f"Directus has no time ({where}).", status=status, code=code), wait
            )
        if status == 401:
            raise DirectusRefused(
                "Directus does not accept the token: DIRECTUS_TOKEN is wrong or has expired.",
                status=status,
                code=code,
            )
        if status == 403:
            raise DirectusRefused(f"Directus does not allow it ({where}). {words}", status=status, code=code)
        if code == "RECORD_NOT_UNIQUE":
            raise DirectusConflict(f"A row is there already ({where}). {words}", status=status, code=code)
        if status == 404 or response.is_redirect:
            sentence = f"That is not where Directus answers: DIRECTUS_URL is wrong ({where}). {words}"
            raise DirectusRefused(sentence, status=status, code=code)
        if response.is_client_error:
            raise DirectusRejected(f"Directus rejected it ({where}). {words}", status=status, code=code)
        raise DirectusBroken(f"Directus failed ({where}). {words}", status=status, code=code)

    def _told(self, response: httpx.Response) -> tuple[str | None, str]:
        """Return the code and the words of an error answer; the token does not get past here."""
        try:
            error = response.json()["errors"][0]
            code, words = str(error["extensions"]["code"]), str(error["message"])
        except (ValueError, LookupError, TypeError):
            return None, ""
        return code.replace(self._token, "…"), words.replace(self._token, "…")[:_MAX_QUOTED]

    def _answered_rows(self, call: _Call, response: httpx.Response) -> list[Row]:
        if response.status_code == 204:
            return []
        try:
            data = response.json()["data"]
            rows = data if isinstance(data, list) else [data]
            return rows_from_wire(self._collections[call.collection], rows)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            sentence = f"The answer to {call.method} of {call.collection} is not what Directus answers."
            raise DirectusBroken(sentence, status=response.status_code) from error


class _Retry(Exception):
    """An attempt that may be made again, after ``wait_s`` if Directus asked for that."""

    def __init__(self, error: DirectusUnavailable, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def _path(collection: str, row_id: str | None = None) -> str:
    path = f"/items/{quote(collection, safe='')}"
    return path if row_id is None else f"{path}/{quote(row_id, safe='')}"


def _finds_nothing(filter: Mapping[str, Any]) -> bool:  # noqa: A002
    """Say whether one of the filter's own fields has to be in an empty list."""
    tests = (test for test in filter.values() if isinstance(test, Mapping))
    return any("_in" in test and not test["_in"] for test in tests)
