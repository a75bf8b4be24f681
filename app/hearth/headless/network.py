"""The network under CPython: HTTP by httpx, a WebSocket by websockets; the session is a cookie of the HTTP client."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from hearth.browser.network.http import HttpAnswer
from hearth.browser.network.polling import Answer, NoAnswer
from hearth.core.errors import FrameTooLarge, MalformedFrame
from hearth.core.protocol import codec
from hearth.core.records.schema import Collection, check_record
from hearth.ports.network import SocketClosed
from hearth.ports.records import Frame

_JSON, _LINES = "application/json", "application/x-ndjson"


class HttpClient:
    """Requests to one server: those of `HttpApi`, and those of a polled connection (`Exchange`)."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.origin = url.rstrip("/")
        headers = {"Origin": self.origin}
        self.http = httpx.AsyncClient(base_url=self.origin, headers=headers, transport=transport, trust_env=False)
        self._leaving: set[asyncio.Task[None]] = set()

    async def request(self, path: str, body: str | None, within_s: float) -> HttpAnswer:
        """Ask, with a POST of a JSON text or a GET. Raises `NoAnswer`."""
        answer = await self._send(path, body, _JSON, within_s)
        return HttpAnswer(answer.status_code, answer.text, answer.headers.get("Retry-After", ""))

    async def post(self, path: str, lines: Sequence[str], within_s: float) -> Answer:
        """Post a JSON text, or several as lines. Raises `NoAnswer`."""
        body = "".join(f"{line}\n" for line in lines)
        answer = await self._send(path, body, _JSON if len(lines) == 1 else _LINES, within_s)
        head, *rest = answer.text.split("\n")
        return Answer(answer.status_code, head, [line for line in rest if line])

    def leave(self, path: str, body: str) -> None:
        """Post a JSON text without waiting for an answer."""

        async def leaving() -> None:
            with suppress(NoAnswer):
                await self._send(path, body, _JSON, 5)

        task = asyncio.get_running_loop().create_task(leaving())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _send(self, path: str, body: str | None, media_type: str, within_s: float) -> httpx.Response:
        try:
            if body is None:
                return await self.http.get(path, timeout=within_s)
            return await self.http.post(path, content=body, headers={"Content-Type": media_type}, timeout=within_s)
        except httpx.HTTPError:
            raise NoAnswer from None

    def cookies(self) -> str:
        """The session's cookie, as a header has it."""
        return "; ".join(f"{each.name}={each.value}" for each in self.http.cookies.jar)

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*self._leaving)
        await self.http.aclose()


class WebSocket:
    """`hearth.ports.network.Socket` on a WebSocket. Made by `open_websocket`."""

    polled = False

    def __init__(self, connection: ClientConnection, name: str) -> None:
        self._connection = connection
        self.id = name
        self._unsent: asyncio.Queue[str] = asyncio.Queue()
        self._sending = asyncio.get_running_loop().create_task(self._send_on())
        self._closing: asyncio.Task[None] | None = None

    async def receive(self) -> Frame:
        """The next frame. Raises `ProtocolError` for one that cannot be read, `SocketClosed` at the end."""
        try:
            message = await self._connection.recv()
        except ConnectionClosed:
            self.close()
            raise SocketClosed from None
        return read_frame(message if isinstance(message, str) else "")

    def send(self, text: str) -> None:
        """Send a frame; nothing happens when the connection has closed."""
        if self._closing is None:
            self._unsent.put_nowait(text)

    def close(self) -> None:
        """Close the connection; what was not received yet is dropped."""
        if self._closing is None:
            self._sending.cancel()
            self._closing = asyncio.get_running_loop().create_task(self._connection.close())

    async def _send_on(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._connection.send(await self._unsent.get())


async def open_websocket(client: HttpClient, account: str) -> WebSocket:
    """Open a connection for an account, with the session of an HTTP client. Raises `SocketClosed`."""
    name = str(uuid.uuid4())
    url = f"{client.origin.replace('http', 'ws', 1)}/ws?{urlencode({'account': account, 'connection': name})}"
    headers = {"Cookie": client.cookies()}
    try:
        connection = await connect(
            url,
            origin=Origin(client.origin),
            additional_headers=headers,
            max_size=4 * codec.MAX_FRAME_CHARS,  # in UTF-8
            compression=None,
            proxy=None,
            open_timeout=None,
        )
    except (OSError, WebSocketException):
        raise SocketClosed from None
    return WebSocket(connection, name)


def read_frame(text: str) -> Frame:
    """Parse and check a frame: records that break the registry of fields are left out and counted.

    Raises `ProtocolError`.
    """
    if len(text) > codec.MAX_FRAME_CHARS:
        raise FrameTooLarge(f"The server sent a frame of more than {codec.MAX_FRAME_CHARS} characters.")
    try:
        frame = json.loads(text)
        records = {Collection(name): rows for name, rows in frame.pop("records", {}).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise MalformedFrame("The server sent a frame that is not a JSON object with records.") from None
    event = codec.read_server_header(frame, {name.value: len(rows) for name, rows in records.items()})
    good = {name: [row for row in rows if check_record(name, row) is None] for name, rows in records.items()}
    refused = sum(len(rows) for rows in records.values()) - sum(len(rows) for rows in good.values())
    return Frame(event, good, refused)
