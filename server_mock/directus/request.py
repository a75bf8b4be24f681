"""One request to Directus with its tries: the errors of HTTP and of the dialect become ``DirectusError``s."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx

from server_mock.directus.backoff import backoff, retry_after
from server_mock.directus.errors import (
    DirectusBroken,
    DirectusConflict,
    DirectusRefused,
    DirectusRejected,
    DirectusTooLarge,
    DirectusUnavailable,
)
from server_mock.directus.request_log import RequestLog
from server_mock.directus.schema import Row

#: What a query's ``meta`` asks for to learn how many rows its filter finds.
FILTER_COUNT = "filter_count"

#: Characters of Directus' own words that go into an exception.
_MAX_QUOTED = 300

#: What Directus says of a request that is longer than its own limit.
_TOO_LARGE = "entity too large"

_unlogged: ContextVar[bool] = ContextVar("directus_unlogged", default=False)


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep requests made inside out of the log; tasks started inside inherit that."""
    mark = _unlogged.set(True)
    try:
        yield
    finally:
        _unlogged.reset(mark)


@dataclass(frozen=True, slots=True)
class Retrying:
    """How often and how patiently to try; the clocks and the chance of it can be injected."""

    #: Attempts in all, 1 or more.
    tries: int = 4
    #: For one attempt, from connecting to the last byte, in seconds.
    timeout_s: float = 10.0
    #: A ``Retry-After`` beyond this ends the tries: someone is waiting for a page.
    longest_wait_s: float = 10.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    wall_clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Call:
    """A request to make, and how the log tells it."""

    method: str
    path: str
    collection: str
    #: What the log shows: ids, filters and names of fields, never the values of a write.
    query: dict[str, Any]
    json: Any = None


class Rows(NamedTuple):
    """The rows of an answer; ``found`` is how many the filter finds, if that was asked for."""

    rows: list[Row]
    found: int | None = None


class Link:
    """Makes calls to one Directus, with one token, and logs every attempt."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        log: RequestLog,
        retrying: Retrying,
        transport: httpx.AsyncBaseTransport | None,
        max_payload: int | None = None,
    ) -> None:
        """``transport`` None is the network; a body of more than ``max_payload`` bytes is not sent.

        Raises ``ValueError``, which never shows the token.
        """
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("The Directus token is empty, or holds spaces or characters that no header may.")
        self.url = _checked_url(base_url)
        self._token = token
        self._log = log
        self._retrying = retrying
        self.max_payload = max_payload
        self._http = httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=retrying.timeout_s,
            transport=transport,
            # The environment's proxies and .netrc are not for a service of one's own.
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def rows(self, call: Call) -> list[Row]:
        """Make the request, again while that may help; return the rows of its answer, types as they came.

        Raises ``DirectusError``.
        """
        return (await self.answer(call)).rows

    async def answer(self, call: Call) -> Rows:
        """Make the request as ``rows`` does; return the rows with the count that was asked for."""
        body = self._body(call)
        waits = backoff(self._retrying.random)
        for attempt in range(1, self._retrying.tries + 1):
            try:
                return await self._attempt(call, body)
            except _Retry as retry:
                # Directus' own limiter says "Retry-After: 0" and means "not so fast".
                wait = max(next(waits), retry.wait_s or 0.0)
                if attempt == self._retrying.tries or wait > self._retrying.longest_wait_s:
                    raise retry.error from retry.__cause__
                await self._retrying.sleep(wait)
        raise ValueError("Retrying.tries is less than 1")

    def _body(self, call: Call) -> bytes | None:
        """The body of a request. Raises ``DirectusTooLarge`` for one that Directus would not take."""
        if call.json is None:
            return None
        body = json.dumps(call.json, separators=(",", ":"), allow_nan=False).encode()
        if self.max_payload is not None and len(body) > self.max_payload:
            what = f"{call.method} of {call.collection}: {len(body)} bytes, where --max-payload is {self.max_payload}"
            raise DirectusTooLarge(f"The request is longer than Directus takes ({what}).")
        return body

    async def _attempt(self, call: Call, body: bytes | None) -> Rows:
        finish = None if _unlogged.get() else self._log.start(call.method, call.collection, call.query)
        status, found, size = None, Rows([]), 0
        try:
            response = await self._send(call, body)
            status, size = response.status_code, len(response.content)
            if not response.is_success:
                self._fail(call, response)
            found = self._answered_rows(call, response)
            return found
        finally:
            if finish:
                finish(status, len(found.rows), size)

    async def _send(self, call: Call, body: bytes | None) -> httpx.Response:
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            # httpx' own limits are per read, and an in-process application has none.
            async with asyncio.timeout(self._retrying.timeout_s):
                return await self._http.request(call.method, call.path, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _Retry(DirectusUnavailable("Directus cannot be reached.")) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            unavailable = DirectusUnavailable(f"Directus took longer than {self._retrying.timeout_s:g} s.")
            raise self._unless_posted(call, unavailable) from error
        except httpx.RequestError as error:
            unavailable = DirectusUnavailable("The connection to Directus broke.")
            raise self._unless_posted(call, unavailable) from error

    @staticmethod
    def _unless_posted(call: Call, error: DirectusUnavailable) -> Exception:
        """A POST that got no answer may have been done: to repeat it could do it twice."""
        return error if call.method == "POST" else _Retry(error)

    def _fail(self, call: Call, response: httpx.Response) -> None:
        """Raise what an answer that is no success means."""
        status = response.status_code
        code, words = self._told(response)
        where = f"{call.method} of {call.collection}: {status} {code or ''}".rstrip()
        if status in (429, 503):
            wait = retry_after(response.headers.get("Retry-After"), self._retrying.wall_clock())
            raise _Retry(DirectusUnavailable(f"Directus has no time ({where}).", status=status, code=code), wait)
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
        if status == 413 or _TOO_LARGE in words:
            raise DirectusTooLarge(f"The request is too long for Directus ({where}). {words}", status=status, code=code)
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

    @staticmethod
    def _answered_rows(call: Call, response: httpx.Response) -> Rows:
        if response.status_code == 204:
            return Rows([])
        try:
            answer = response.json()
            data = answer["data"]
            # PostgreSQL's counts are text.
            count = int(answer["meta"][FILTER_COUNT]) if answer.get("meta") else None
        except (ValueError, LookupError, TypeError):
            data = count = None
        rows = data if isinstance(data, list) else [data]
        if not all(isinstance(row, dict) for row in rows):
            sentence = f"The answer to {call.method} of {call.collection} is not what Directus answers."
            raise DirectusBroken(sentence, status=response.status_code)
        return Rows(rows, count)


class _Retry(Exception):
    """An attempt that may be made again, after ``wait_s`` if Directus asked for that."""

    def __init__(self, error: DirectusUnavailable, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def _checked_url(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("The address of Directus has to be one that starts with http:// or https://.")
    return url
