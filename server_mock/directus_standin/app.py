"""A stand-in for Directus: its REST dialect over SQLite, as an ASGI application in the same process.

What it speaks, and what was observed on real servers, is checked by one suite that runs on either
(``tests/server_mock/directus/test_conformance.py``).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server_mock.directus_standin.database import DataFileError
from server_mock.directus_standin.dialect import MAX_BODY, Answer, Dialect, Request
from server_mock.directus_standin.errors import fault as fault_error
from server_mock.directus_standin.errors import internal
from server_mock.directus_standin.store import Store

__all__ = ["DataFileError", "Fault", "FaultHook", "StandIn"]


@dataclass(frozen=True, slots=True)
class Fault:
    """An error to answer instead of doing anything: its status, how many times, seconds to ask to wait."""

    status: int
    times: int = 1
    retry_after_s: int | None = None


#: Asked once per request, with its method and path; None lets the request through.
FaultHook = Callable[[str, str], Awaitable[Fault | None]]


class StandIn:
    """The ASGI application. SQLite works in threads: requests overlap, the event loop never waits."""

    def __init__(
        self,
        token: str,
        *,
        data_file: Path | None = None,
        latency_ms: float = 0.0,
        fault_hook: FaultHook | None = None,
    ) -> None:
        """Open ``data_file`` (memory when None) and make Hearth's collections if it is new.

        ``token`` is the static token that requests must bear; ``latency_ms`` is added to every request.
        Raises ``DataFileError``, whose text is for the person who named the file.
        """
        self._store = Store(data_file)
        self._dialect = Dialect(self._store, token)
        self._latency_s = latency_ms / 1000
        self._fault_hook = fault_hook
        self._fault: Fault | None = None
        self._fault_times = 0

    def plant(self, fault: Fault | None) -> None:
        """Answer the next ``fault.times`` requests with the fault; None takes a planted one back."""
        self._fault = fault
        self._fault_times = fault.times if fault else 0

    def seed(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows at once, all or none, without a request: 12,000 take some tenths of a second.

        Synchronous and safe in any thread. Raises ``DialectError`` as a POST of the rows would answer.
        """
        self._store.insert(self._store.collection(collection), rows)

    def count(self, collection: str) -> int:
        """Return how many rows a collection holds, without a request."""
        return self._store.count(self._store.collection(collection))

    def close(self) -> None:
        """Close the database; no request may be under way."""
        self._store.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise ValueError(f'The stand-in speaks HTTP, not "{scope["type"]}"')
        http = HttpRequest(scope, receive)
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        fault = await self._next_fault(http)
        response = _fault_response(fault) if fault else await self._respond(http)
        await response(scope, receive, send)

    async def _next_fault(self, http: HttpRequest) -> Fault | None:
        if not self._fault_times and self._fault_hook:
            self.plant(await self._fault_hook(http.method, http.url.path))
        if not self._fault_times:
            return None
        self._fault_times -= 1
        return self._fault

    async def _respond(self, http: HttpRequest) -> Response:
        request = Request(
            method=http.method,
            segments=_segments(http.scope),
            query_string=http.scope["query_string"],
            token=_bearer(http.headers.get("authorization", "")),
            body=await _read_body(http),
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


async def _read_body(http: HttpRequest) -> bytes:
    """Return the body if it says that it is JSON, cut short once it is too long to be accepted."""
    if "json" not in http.headers.get("content-type", ""):
        return b""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > MAX_BODY:
            break
    return bytes(body)


def _fault_response(fault: Fault) -> Response:
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    body = json.dumps(fault_error(fault.status).body).encode()
    return Response(body, fault.status, headers, media_type="application/json")
