"""An assistant behind any server that speaks OpenAI's `POST /v1/chat/completions` with `stream: true`.

It is asked at one address and at no other: no redirect is followed, and the environment's proxies are left out. Neither
the key nor anything of the chat comes into a log or into the text of an exception.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from server_mock.assistant.event_stream import BadEventStream, EventStream
from server_mock.assistant.port import MAX_ANSWER_CHARS, TOO_LONG, AssistantError, Turn
from server_mock.directus.backoff import retry_after
from server_mock.wait_text import wait_text

PATH = "/chat/completions"
DONE = "[DONE]"
MAX_WAIT_S = 24 * 3600
"""The longest time of a `Retry-After` that is passed on."""

NO_CONNECTION = "The server cannot reach the assistant at the moment. Try again in a little while."
SILENT = "The assistant does not answer. Try again in a little while."
HUNG_UP = "The connection to the assistant broke off."
REDIRECTED = "The assistant is at another address by now, and Hearth sends nothing there. Tell whoever runs the server."
BAD_KEY = "The assistant does not accept the key of this server. Tell whoever runs the server."
NOT_FOUND = "The assistant does not know the address or the model that this server asks for. Tell whoever runs it."
TOO_MUCH = "This is more text than the assistant takes."
REFUSED = "The assistant refused what it was asked."
FAILING = "The assistant has a problem of its own. Try again in a little while."
UNREADABLE = "The assistant gave an answer that Hearth cannot read."


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for the connection, for the next bytes, for the whole of an answer."""

    connect_s: float = 10.0
    silent_s: float = 60.0
    whole_s: float = 600.0


def endpoint(url: str) -> str:
    """The address that is asked, of one that may end with `/v1/chat/completions`, with `/v1`, or before it.

    Raises `ValueError`, whose text begins in the middle of a sentence and never shows the address.
    """
    parts = urlsplit(url)
    try:
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("must be an address that begins with http:// or https://")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must hold no name, password, query or fragment")
    path = parts.path.rstrip("/")
    if not path.endswith(PATH):
        path = f"{path or '/v1'}{PATH}"
    return f"{parts.scheme}://{parts.netloc}{path}"


class OpenAiAssistant:
    """`server_mock.assistant.port.Assistant` at an address."""

    def __init__(
        self,
        url: str,
        model: str,
        key: str = "",
        *,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Raises `ValueError` for an address or a key that cannot be one; it never shows the key."""
        if not key.isascii() or not (key + "x").isprintable() or " " in key:
            raise ValueError("The key of the assistant holds spaces or characters that no header may.")
        self._url = endpoint(url)
        self._model = model
        self._patience = patience = patience or Patience()
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        self._http = httpx.AsyncClient(
            headers=headers | ({"Authorization": f"Bearer {key}"} if key else {}),
            timeout=httpx.Timeout(patience.silent_s, connect=patience.connect_s),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.host!r})"

    @property
    def host(self) -> str:
        """The host, with the port where the address names one."""
        return urlsplit(self._url).netloc.lower()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def answer(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """The answer to the last of these messages. Raises `AssistantError`."""
        messages = [{"role": each.role, "content": each.content} for each in turns]
        body = json.dumps({"model": self._model, "stream": True, "messages": messages}).encode("ascii")
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(self._patience.whole_s),
                self._http.stream("POST", self._url, content=body, headers=headers) as response,
            ):
                _check(response)
                async for piece in _pieces(response):
                    yield piece
        except TimeoutError:
            raise AssistantError(SILENT) from None
        except httpx.ConnectTimeout:
            raise AssistantError(NO_CONNECTION) from None
        except httpx.TimeoutException:
            raise AssistantError(SILENT) from None
        except httpx.ConnectError:
            raise AssistantError(NO_CONNECTION) from None
        except httpx.HTTPError:
            raise AssistantError(HUNG_UP) from None


def _check(response: httpx.Response) -> None:
    """Raise `AssistantError` for an answer that is none; its own words are not passed on."""
    status = response.status_code
    if response.is_redirect or 300 <= status < 400:
        raise AssistantError(REDIRECTED)
    if status == 429:
        raise _too_often(response.headers.get("Retry-After"))
    if status >= 500:
        raise AssistantError(FAILING)
    if status >= 400:
        said = {401: BAD_KEY, 403: BAD_KEY, 404: NOT_FOUND, 413: TOO_MUCH}
        raise AssistantError(said.get(status, REFUSED))
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if status != 200 or kind != "text/event-stream":
        raise AssistantError(UNREADABLE)


def _too_often(header: str | None) -> AssistantError:
    wait = retry_after(header, time.time())
    if wait is None or wait > MAX_WAIT_S:
        return AssistantError("The assistant is asked too often at the moment. Try again in a little while.")
    wait_s = max(1, math.ceil(wait))
    return AssistantError(f"The assistant is asked too often at the moment. Try again in {wait_text(wait_s)}.", wait_s)


async def _pieces(response: httpx.Response) -> AsyncGenerator[str, None]:
    """The text of an answer as it comes; it has to say itself that it is complete."""
    stream, finished, chars = EventStream(), False, 0
    try:
        async for received in response.aiter_raw():
            for data in stream.feed(received):
                if data.strip() == DONE:
                    return
                text, ends = _read(data)
                finished = finished or ends
                chars += len(text)
                if chars > MAX_ANSWER_CHARS:
                    yield text[: MAX_ANSWER_CHARS - chars]
                    raise AssistantError(TOO_LONG)
                if text:
                    yield text
        finished = finished or any(data.strip() == DONE for data in stream.end())
    except BadEventStream:
        raise AssistantError(UNREADABLE) from None
    if not finished:
        raise AssistantError(HUNG_UP)


def _read(data: str) -> tuple[str, bool]:
    """The text of one event, and whether the assistant says that it was the last. Raises `AssistantError`."""
    try:
        event: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise AssistantError(UNREADABLE) from None
    if not isinstance(event, dict):
        raise AssistantError(UNREADABLE)
    if event.get("error"):
        raise AssistantError(FAILING)
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(choice, dict):
        raise AssistantError(UNREADABLE)
    delta = choice.get("delta")
    content = delta.get("content") if isinstance(delta, dict) else None
    return (content if isinstance(content, str) else ""), bool(choice.get("finish_reason"))
