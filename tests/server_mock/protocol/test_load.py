"""The server under 500 idle and 200 warming sockets: everybody gets everything, in the memory that is stated."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from hearth.testing.cpython_cipher import CryptographyCipher
from hearth_testing.server import Hearth

IDLE, WARMING = 500, 200
MOST_MB = 300
"""What the server may hold with all of them: about 4,000 messages, sent to 200 devices at once."""


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("the memory of a process is read from /proc")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def cookie_of(hearth: Hearth) -> str:
    async with httpx.AsyncClient(base_url=hearth.url, timeout=60) as http:
        challenge = (await http.post("/api/challenge", json={"email": hearth.email})).json()
        salt = base64.b64decode(challenge["salt"])
        derived = CryptographyCipher().derive_now(hearth.password.encode(), salt, challenge["iterations"])
        body = {"email": hearth.email, "lookup_hash": derived.lookup_hash}
        await http.post("/api/sign-in", json=body)
        return f"hearth_session={http.cookies['hearth_session']}"


async def device(hearth: Hearth, cookie: str, since: str | None) -> tuple[ClientConnection, str]:
    """A device that has said hello, once it is up to date: its connection and its stamp."""
    address = f"{hearth.url.replace('http', 'ws', 1)}/ws"
    headers = {"Cookie": cookie, "Origin": hearth.url}
    socket = await connect(address, additional_headers=headers, max_size=2**25, open_timeout=120, ping_interval=None)
    hello = {"v": 1, "event": "hello", "device_id": "device", "since": since}
    await socket.send(json.dumps(hello))
    while True:
        frame = json.loads(await socket.recv())
        if frame["event"] in ("warming_complete", "up_to_date"):
            return socket, frame["stamp"]


@pytest.mark.soak
def test_five_hundred_idle_and_two_hundred_warming(capsys: pytest.CaptureFixture[str]) -> None:
    hearth = Hearth().start()
    pid = hearth.pid

    async def load() -> tuple[float, float, float]:
        begin = resident_mb(pid)
        cookie = await cookie_of(hearth)
        first, stamp = await device(hearth, cookie, None)
        idle = [first, *[(await device(hearth, cookie, stamp))[0] for _ in range(IDLE - 1)]]
        resting = resident_mb(pid)
        warmed = await asyncio.gather(*(device(hearth, cookie, None) for _ in range(WARMING)))
        loaded = resident_mb(pid)
        await asyncio.gather(*(socket.close() for socket in (*idle, *(each for each, _stamp in warmed))))
        return begin, resting, loaded

    try:
        begin, resting, loaded = asyncio.run(load())
    finally:
        hearth.stop()
    figures = f"{begin:.0f} MB at start, {resting:.0f} with {IDLE} idle, {loaded:.0f} with {WARMING} warming more"
    with capsys.disabled():
        print(f"\n{figures}")  # noqa: T201
    assert "Traceback" not in hearth.log
    assert loaded < MOST_MB
