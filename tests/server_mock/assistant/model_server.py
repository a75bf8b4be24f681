"""A small local server of the chat completions, which answers by script: pieces of bytes, pauses, hang-ups."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


def event(text: str) -> bytes:
    """One event of an answer."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
OK = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class ModelServer:
    """Answers every request with `head` and then with `pieces`; it hangs where `hangs`, until the client leaves."""

    head: str = OK
    pieces: Sequence[bytes] = ()
    hangs: bool = False
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    """Of each request the first line, the headers and the body."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client has left a server that hangs."""
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((line, headers, json.loads(body or b"null")))
        writer.write(self.head.encode())
        for piece in self.pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # each piece is sent, and mostly read, by itself
        if self.hangs:
            await reader.read()
            self.left.set()
        writer.close()


@asynccontextmanager
async def model_server(**script: Any) -> AsyncIterator[ModelServer]:
    """A server on a free port."""
    model = ModelServer(**script)
    server = await asyncio.start_server(model.serve, "127.0.0.1", 0)
    model.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield model
    finally:
        server.close()
