"""The browser's requests; the lines that answer a polled connection stay JavaScript's until they are parsed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import js
from pyodide.ffi import JsException, to_js

from hearth.browser.ffi import js_object
from hearth.browser.network.http import HttpAnswer
from hearth.browser.network.polling import Answer, NoAnswer

_JSON, _LINES = "application/json", "application/x-ndjson"


class FetchExchange:
    """`fetch`, to the server that served the page; the session travels as a cookie that no script can read."""

    async def post(self, path: str, lines: Sequence[str], within_s: float) -> Answer:
        """Post a JSON text, or several as lines. Raises `NoAnswer`."""
        controller = js.AbortController.new()
        options = js_object(
            method="POST",
            body="".join(f"{line}\n" for line in lines),
            headers={"Content-Type": _JSON if len(lines) == 1 else _LINES},
            credentials="same-origin",
            cache="no-store",
        )
        options.signal = controller.signal
        try:
            async with asyncio.timeout(within_s):
                response = await js.fetch(path, options)
                head, *rest = await js.hearth.records.readLines(response)
        except (JsException, TimeoutError):
            raise NoAnswer from None
        finally:
            controller.abort()  # Whoever waits no longer wants nothing of it; one that has ended is left as it is.
        return Answer(int(response.status), str(head.data), rest)

    def leave(self, path: str, body: str) -> None:
        """Post a JSON text without waiting for an answer, also while the page closes."""
        js.navigator.sendBeacon(path, js.Blob.new(to_js([body]), js_object(type=_JSON)))


async def request(path: str, body: str | None, within_s: float) -> HttpAnswer:
    """Ask the server that served the page, with a POST of a JSON text or a GET. Raises `NoAnswer`."""
    options = js_object(credentials="same-origin", cache="no-store")
    if body is not None:
        options.method, options.body, options.headers = "POST", body, js_object(**{"Content-Type": _JSON})
    options.signal = js.AbortSignal.timeout(int(within_s * 1000))
    try:
        response = await js.fetch(path, options)
        text = await response.text()
    except JsException:
        raise NoAnswer from None
    return HttpAnswer(int(response.status), str(text), str(response.headers.get("Retry-After") or ""))
