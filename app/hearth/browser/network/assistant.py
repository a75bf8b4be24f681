"""The server's assistant behind the port `Assistant`: `fetch` with an answer that is read as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser.ffi import js_object
from hearth.core.assistant.answer_lines import CUT_OFF, AnswerLines, error_of
from hearth.core.assistant.question import Turn
from hearth.core.errors import AssistantError
from hearth.ports.assistant import AssistantOffer

PATH = "/api/assistant"
OFFER_S = 20.0
SILENT_S = 45.0
"""The server says every 15 s that an answer is still under way."""

NO_ANSWER = "There is no connection to the server. Try again when there is one."


class BrowserAssistant:
    """Requests to the server that served the page; the session travels as a cookie that no script can read."""

    async def offer(self, account: str) -> AssistantOffer | None:
        """The assistant, or None where there is none. Raises `AssistantError`."""
        options = js_object(credentials="same-origin", cache="no-store")
        options.signal = js.AbortSignal.timeout(int(OFFER_S * 1000))
        try:
            response = await js.fetch(f"{PATH}?account={js.encodeURIComponent(account)}", options)
            answer = json.loads(await response.text() or "null")
        except (JsException, ValueError):
            raise AssistantError(NO_ANSWER) from None
        if not response.ok:
            raise error_of(answer)
        host = answer.get("host") if isinstance(answer, dict) else None
        return AssistantOffer(str(js.location.host), host) if isinstance(host, str) else None

    async def ask(self, account: str, host: str, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """The answer, piece by piece. Raises `AssistantError`."""
        messages = [{"role": each.role, "content": each.content} for each in turns]
        controller = js.AbortController.new()
        options = js_object(
            method="POST",
            body=json.dumps({"account": account, "host": host, "messages": messages}),
            headers={"Content-Type": "application/json"},
            credentials="same-origin",
            cache="no-store",
        )
        options.signal = controller.signal
        lines = AnswerLines()
        try:
            async with asyncio.timeout(SILENT_S):
                response = await js.fetch(PATH, options)
            if not response.ok:
                raise error_of(_json_of(await response.text()))
            reader, decoder = response.body.getReader(), js.TextDecoder.new()
            streaming = js_object(stream=True)
            while not lines.ended:
                async with asyncio.timeout(SILENT_S):
                    read = await reader.read()
                if read.done:
                    break
                for piece in lines.feed(str(decoder.decode(read.value, streaming))):
                    yield piece
            lines.end()
        except (JsException, TimeoutError):
            raise AssistantError(CUT_OFF if lines.begun else NO_ANSWER) from None
        finally:
            controller.abort()  # Nothing happens to a request that has come to its end.


def _json_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
