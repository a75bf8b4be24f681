"""A polled connection to the application, in memory, with the words of a `DeviceSocket`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Self

import httpx
from starlette.types import ASGIApp

from hearth.core.protocol import codec
from hearth.core.protocol.server_events import ErrorCode, ServerError, SessionEnd
from server_mock.protocol.http_util import LINES
from tests.server_mock.world import ORIGIN, DeviceSocket, Refused


class PolledSocket(DeviceSocket):
    """One task polls, one posts what is sent; both do so once more whenever an answer is lost (`lose`)."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], query: str = "account=") -> None:
        super().__init__(app, headers, query)
        self._account = query.removeprefix("account=")
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_001))
        self._http = httpx.AsyncClient(base_url=ORIGIN, transport=transport, headers=dict(headers))
        self._unsent: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self.id = ""
        self.after = 0
        self.sent = 0
        self.lose = 0
        """How many of the next answers do not arrive."""

    async def post(self, path: str, body: object) -> httpx.Response:
        """A request of this device."""
        return await self._http.post(path, json=body)

    async def post_lines(self, head: object, *frames: bytes) -> httpx.Response:
        """Frames of this device."""
        content = b"".join(line + b"\n" for line in (json.dumps(head).encode(), *frames))
        return await self._http.post("/api/poll/send", content=content, headers={"Content-Type": LINES})

    async def open(self) -> Self:
        """Open the connection, and begin to poll. Raises `Refused`."""
        answer = await self.post("/api/poll/open", {"account": self._account})
        if answer.status_code != 200:
            raise Refused(answer.json()["error"]["code"])
        self.id = answer.json()["connection"]
        self._tasks = [asyncio.create_task(self._poll_on()), asyncio.create_task(self._send_on())]
        return self

    async def poll(self) -> tuple[dict[str, Any], list[str]]:
        """One poll: what the answer's first line says, and the frames."""
        answer = await self.post("/api/poll", {"connection": self.id, "after": self.after})
        if answer.status_code == 401:
            return {"cursor": self.after, "closed": 4401}, [session_error(answer, self.after + 1)]
        if answer.status_code != 200:
            return {"cursor": self.after, "closed": 1006}, []
        head, *frames = answer.text.split("\n")
        return json.loads(head), frames

    async def _poll_on(self) -> None:
        while True:
            await self._controller.wait()
            head, frames = await self.poll()
            if self.lose:
                self.lose -= 1
                continue
            self.after = head["cursor"]
            for text in frames:
                self._out.put_nowait({"type": "websocket.send", "text": text})
            if head["closed"] is not None:
                self._out.put_nowait({"type": "websocket.close", "code": head["closed"]})
                return

    async def _send_on(self) -> None:
        while True:
            frame = await self._unsent.get()
            head = {"connection": self.id, "first": self.sent + 1}
            while (answer := await self.post_lines(head, frame)).is_success and self.lose:
                self.lose -= 1
            if answer.status_code == 401:
                self._out.put_nowait({"type": "websocket.send", "text": session_error(answer, self.after + 1)})
                self._out.put_nowait({"type": "websocket.close", "code": 4401})
            self.sent += 1
            self._unsent.task_done()

    def send_text(self, text: str) -> None:
        """Send a frame as it is."""
        self._unsent.put_nowait(text.replace("\n", " ").encode())

    def send_bytes(self, content: bytes) -> None:
        """Send what is no text."""
        self._unsent.put_nowait(b"\xff" + content)

    async def everything_is_sent(self) -> None:
        """Wait until the server has taken every frame."""
        await self._unsent.join()

    async def close(self) -> None:
        """Leave."""
        self._controller.set()
        if self._tasks:
            await self.post("/api/poll/close", {"connection": self.id})
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def session_error(answer: httpx.Response, seq: int) -> str:
    """What a device takes a 401 for: the server's error frame, which no answer brings any longer."""
    error = answer.json()["error"]
    event = ServerError(code=ErrorCode.SESSION, message=error["message"], reason=SessionEnd(error["code"]), seq=seq)
    return codec.write_server_frame(event)
