"""Real sockets: who does not ask to the end, or does not read, is cut off; who is slow is not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any, cast

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from server_mock.cli.run import server_config
from server_mock.protocol import slow_peers
from server_mock.protocol.slow_peers import Watched
from server_mock.protocol.static import SECURITY_HEADERS
from tests.server_mock.world import LATEST_S, a_world

LARGE = b"x" * 8_000_000
"""More than the system holds for a connection."""

JSON_HEADERS = b"Host: x\r\nContent-Type: application/json\r\n"
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
GOODBYE = b"\x88\x02\x03\xe8"
"""The frame that closes a WebSocket with 1000."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_peers, "PATIENCE_S", 0.05)


async def until(condition: Callable[[], object]) -> None:
    """Wait for what nothing tells."""
    async with asyncio.timeout(LATEST_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Served:
    """A server on a port of its own."""

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self._server = server
        self._port = port

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that holds little of what it does not read."""
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self._port))
        return await asyncio.open_connection(sock=raw, limit=2)

    async def nobody_is_left(self) -> None:
        """Wait until the server has ended every connection."""
        await until(lambda: not self._server.server_state.connections)


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[Served]:
    """Serve `app` as `make run` does."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(app))
    server.capture_signals = nullcontext  # type: ignore[assignment]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await until(lambda: server.started)
        yield Served(server, listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """Read until the server hangs up."""
    told = b""
    try:
        async with asyncio.timeout(LATEST_S):
            while part := await reader.read(65536):
                told += part
    except ConnectionResetError:
        pass  # what it had sent is lost with what it had not read
    return told


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"POST /api/sign-in HTTP/1.1\r\nContent-Le",
        b"POST /api/sign-in HTTP/1.1\r\n" + JSON_HEADERS + b"Content-Length: 900\r\n\r\n{",
        b"GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /api/nothing HTTP/1.1\r\nHo",
        b"GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\nPOST /api/sign-in HTTP/1.1\r\n"
        + JSON_HEADERS
        + b"Content-Length: 900\r\n\r\n{",
    ],
    ids=["nothing", "headers", "body", "second-headers", "second-body"],
)
async def test_a_request_that_does_not_end_is_ended(begun: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with a_world() as world, served(world.app) as server:
        reader, writer = await server.connect()
        writer.write(begun)
        await rest_of(reader)
        await server.nobody_is_left()
    assert caplog.records == []


async def takes_all(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads a whole request and answers how long it was."""
    if scope["type"] == "http":
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": f"{size} bytes".encode()})


async def test_a_long_request_over_a_slow_network_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_peers, "PATIENCE_S", 1.0)
    part, parts = b"x" * (slow_peers.PART_BYTES + 1), 6
    async with served(takes_all) as server:
        reader, writer = await server.connect()
        head = f"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: {len(part) * parts}\r\n".encode()
        writer.write(head + JSON_HEADERS + b"\r\n")
        for _ in range(parts):
            await asyncio.sleep(0.25)
            writer.write(part)
        assert f"{len(part) * parts} bytes".encode() in await rest_of(reader)


async def test_who_leaves_in_the_middle_of_a_request_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async with a_world() as world, served(world.app) as server:
        _reader, writer = await server.connect()
        writer.write(b"POST /api/sign-in HTTP/1.1\r\n" + JSON_HEADERS + b"Content-Length: 900\r\n\r\n{")
        writer.close()
        await server.nobody_is_left()
    assert caplog.records == []


async def test_what_is_no_http_is_told_so_under_the_policy() -> None:
    async with a_world() as world, served(world.app) as server:
        reader, writer = await server.connect()
        writer.write(b"this is no HTTP\r\n\r\n")
        told = (await rest_of(reader)).decode()
    assert told.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert "Invalid HTTP request received.\n" in told
    for name, value in SECURITY_HEADERS.items():
        assert f"\r\n{name}: {value}\r\n".lower() in told.lower()


async def answers_much(scope: Scope, receive: Receive, send: Send) -> None:
    """An application whose one answer is large."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": LARGE})


async def says_much(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that says something large on a WebSocket, and leaves."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": LARGE.decode()})


async def talks_on(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that does not stop talking."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await send({"type": "websocket.send", "text": LARGE.decode()})


@pytest.mark.parametrize(
    ("app", "asked"),
    [
        (answers_much, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        (answers_much, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        (answers_much, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 9),
        (says_much, UPGRADE),
        (talks_on, UPGRADE),
    ],
    ids=["kept-alive", "closed", "pipelined", "socket-left", "socket"],
)
async def test_who_reads_nothing_is_cut_off(app: ASGIApp, asked: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with served(app) as server:
        reader, writer = await server.connect()
        writer.write(asked)
        await reader.readexactly(1)
        await server.nobody_is_left()
        writer.close()
    assert caplog.records == []


class Sink:
    """A transport whose buffer is as large as the test says, look after look; each write asks once, each look twice."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sizes
        self.aborted = asyncio.Event()

    def write(self, data: bytes) -> None:
        """Take it."""

    def get_write_buffer_size(self) -> int:
        """As the test says."""
        return self.sizes.pop(0)

    def abort(self) -> None:
        """Note it."""
        self.aborted.set()


def watched(sizes: list[int]) -> tuple[Sink, Watched]:
    sink = Sink(sizes)
    return sink, Watched(cast(Any, sink))


async def test_who_reads_slowly_is_left_alone() -> None:
    sink, transport = watched([100, 99, 99, 98, 98, 0, 0])
    transport.write(b"x" * 100)
    await until(lambda: not sink.sizes)
    assert not sink.aborted.is_set()


async def test_as_much_waits_as_before_but_it_is_something_else() -> None:
    sink, transport = watched([100, 100, 100, 0, 0])
    transport.write(b"x" * 100)
    transport.write(b"x" * 100)  # a hundred were read, a hundred came
    await until(lambda: not sink.sizes)
    assert not sink.aborted.is_set()


async def test_who_stops_reading_at_last_is_cut_off() -> None:
    sink, transport = watched([100, 40, 40, 40])
    transport.write(b"x" * 100)
    await asyncio.wait_for(sink.aborted.wait(), LATEST_S)


async def test_nothing_is_watched_while_everything_is_read() -> None:
    sink, transport = watched([0, 0])
    transport.write(b"x")
    transport.write(b"x")
    assert not sink.sizes
    assert not sink.aborted.is_set()


async def waits(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that is silent for longer than a request may take, and says goodbye."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.sleep(4 * slow_peers.PATIENCE_S)
        await send({"type": "websocket.close", "code": 1000})


async def test_a_websocket_has_asked_to_the_end() -> None:
    async with served(waits) as server:
        reader, writer = await server.connect()
        writer.write(UPGRADE)
        told = b""
        while part := await asyncio.wait_for(reader.read(1), LATEST_S):
            told += part
            if told.endswith(GOODBYE):
                writer.write(b"\x88\x80\0\0\0\0")  # the same from us, which ends it
    assert told.startswith(b"HTTP/1.1 101")
    assert told.endswith(GOODBYE)
