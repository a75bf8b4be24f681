"""A stand-in for Directus: its REST dialect over SQLite, as an ASGI application in the same process.

What it speaks, and what was observed on real servers, is checked by one suite that runs on either
(``tests/server_mock/directus/test_conformance.py``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server_mock.directus.permissions import Grants
from server_mock.directus.schema import Fields
from server_mock.directus_standin.database import DataFileError
from server_mock.directus_standin.dialect import MAX_BODY, Answer, Dialect, Request
from server_mock.directus_standin.errors import internal
from server_mock.directus_standin.store import Store

__all__ = ["DataFileError", "StandIn"]


class StandIn:
    """The ASGI application. SQLite works in threads: requests overlap, the event loop never waits."""

    def __init__(
        self,
        token: str,
        *,
        data_file: Path | None = None,
        max_body: int = MAX_BODY,
        query_limit: int = -1,
        empty: bool = False,
        grants: Mapping[str, Grants] = MappingProxyType({}),
    ) -> None:
        """Open ``data_file`` (memory when None) and make Hearth's collections if it is new, unless ``empty``.

        ``token`` is the static token that requests must bear, ``max_body`` the longest body in bytes,
        ``query_limit`` Directus' ``QUERY_LIMIT_MAX``. ``token`` may do everything; ``grants`` says what each further
        token may.
        Raises ``DataFileError``, whose text is for the person who named the file.
        """
        self._store = Store(data_file, empty=empty)
        self._dialect = Dialect(self._store, token, max_body, query_limit, grants)

    def seed(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows at once, all or none, without a request: 12,000 take some tenths of a second.

        Synchronous and safe in any thread. Raises ``DialectError`` as a POST of the rows would answer.
        """
        self._store.insert(self._store.collection(collection), rows)

    def count(self, collection: str) -> int:
        """Return how many rows a collection holds, without a request."""
        return self._store.count(self._store.collection(collection))

    def fields(self, collection: str) -> Fields:
        """Return the fields of a collection, without a request."""
        return self._store.collection(collection).fields

    def drop(self, collection: str) -> None:
        """Delete a collection with its rows, without a request."""
        self._store.drop_collection(collection)

    def close(self) -> None:
        """Close the database; no request may be under way."""
        self._store.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise ValueError(f'The stand-in speaks HTTP, not "{scope["type"]}"')
        response = await self._respond(HttpRequest(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, http: HttpRequest) -> Response:
        request = Request(
            method=http.method,
            segments=_segments(http.scope),
            query_string=http.scope["query_string"],
            token=_bearer(http.headers.get("authorization", "")),
            body=await _read_body(http, self._dialect.max_body),
        )
        status, content = await run_in_threadpool(self._work, request)
        return Response(content, status, media_type="application/json" if content else None)

    def _work(self, request: Request) -> tuple[int, bytes]:
        """Answer in a worker thread; the JSON of thousands of rows is made there, too."""
        try:
            answer = self._dialect.answer(request)
        except sqlite3.Error as error:
            answer = Answer(500, internal(f"The database failed: {error}").body)
        if answer.body is None:
            return answer.status, b""
        return answer.status, json.dumps(answer.body, separators=(",", ":")).encode()


def _segments(scope: Scope) -> tuple[str, ...]:
    raw = scope.get("raw_path") or scope["path"].encode()
    return tuple(unquote(part) for part in raw.partition(b"?")[0].decode("latin-1").strip("/").split("/"))


def _bearer(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def _read_body(http: HttpRequest, max_body: int) -> bytes:
    """Return the body if it says that it is JSON, cut short once it is too long to be accepted."""
    if "json" not in http.headers.get("content-type", ""):
        return b""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > max_body:
            break
    return bytes(body)
