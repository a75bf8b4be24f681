"""A device that does not read what it is sent: it holds up nobody, it holds little, and it is cut off."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from urllib.parse import urlsplit

import pytest

from hearth.core.protocol.server_events import WarmingComplete
from hearth_testing.server import Hearth
from tests.server_mock.protocol.test_load import cookie_of, device, resident_mb
from tests.server_mock.world import World, a_world

SLOW = 20
MOST_MB = 40
"""What so many devices that read nothing may hold in the server; what each is sent is 4 MB large."""


async def test_a_device_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_world() as world:
        await world.seed(chats=2)
        await cut_off(world, monkeypatch)


async def cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two devices stops reading."""
    monkeypatch.setattr("server_mock.protocol.channel.SEND_S", 0.01)
    monkeypatch.setattr("server_mock.protocol.channel.CLOSE_S", 0.01)
    slow, other = await world.sign_in(), await world.sign_in()
    for each in (slow, other):
        await each.connect()
        await each.take_until(WarmingComplete)
    slow.socket.stop_reading()
    await world.change(rename_chat={"title": "never read by one of them"})
    await other.synchronised()
    await slow.socket.ended()
    assert len(world.services.states.of(other.account).listeners) == 1


async def handshake(hearth: Hearth, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that says hello, and whose reader stops after the handshake."""
    host, port = urlsplit(hearth.url).hostname, urlsplit(hearth.url).port
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # Else the system holds a good part of it.
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=2)
    key = base64.b64encode(b"0123456789abcdef").decode()
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: {host}:{port}",
        f"Origin: {hearth.url}",
        f"Cookie: {cookie}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    ]
    hello = json.dumps({"v": 1, "event": "hello", "device_id": "slow", "since": None}).encode()
    frame = bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += await reader.readexactly(1)
    writer.write(frame)
    await writer.drain()
    await reader.readexactly(1)  # The first frame begins; nothing more is read.
    return reader, writer


def test_many_that_read_nothing_hold_up_nobody_and_hold_little() -> None:
    hearth = Hearth(["--chats", "60", "--messages", "150"]).start()
    pid = hearth.pid

    async def run() -> float:
        cookie = await cookie_of(hearth)
        first, stamp = await device(hearth, cookie, None)
        before = resident_mb(pid)
        slow = [await handshake(hearth, cookie) for _ in range(SLOW)]
        half = [
            await asyncio.open_connection(urlsplit(hearth.url).hostname, urlsplit(hearth.url).port) for _ in range(9)
        ]
        for _reader, writer in half:
            writer.write(b"POST /api/sign-in HTTP/1.1\r\nContent-Le")  # and never the rest
        second, _ = await device(hearth, cookie, None)
        third, _ = await device(hearth, cookie, stamp)
        held = resident_mb(pid) - before
        await slow[0][0].readexactly(100_000)  # It was served all the while: it goes on where it stopped.
        for each in (first, second, third):
            await each.close()
        for _reader, writer in (*slow, *half):
            writer.close()
        return held

    try:
        held = asyncio.run(run())
    finally:
        hearth.stop()
    assert "Traceback" not in hearth.log
    assert held < MOST_MB
