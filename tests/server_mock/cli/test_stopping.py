"""A real server that is asked to stop: what was taken is finished and answered, and devices are told to come again."""

from __future__ import annotations

import asyncio
import base64
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import Self

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import DeviceEvent, Hello
from hearth.core.protocol.server_events import WarmingComplete
from hearth.core.records.envelope import Place, normalise_password
from hearth.core.records.schema import Collection
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.demo import accounts
from server_mock.directus.client import DirectusClient
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.api import COOKIE
from server_mock.testing.record_factory import MASTER_KEY_FIELD
from tests.server_mock.cli.test_run import running
from tests.server_mock.world import TOKEN, Closed, Device, DeviceSocket, FakeTime, World
from tests.server_mock.writing import Pen

SLOW = ("--control", "--chats", "2", "--messages", "2", "--latency-ms", "300")
BOUND_S = 12.0
"""Ten seconds, and the machine's own."""


class RealSocket(DeviceSocket):
    """A WebSocket to another process."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__(lambda *_: asyncio.sleep(0), {})
        self._connection = connection
        self._sends: list[asyncio.Task[None]] = []

    async def open(self) -> Self:
        return self

    def send(self, event: DeviceEvent) -> None:
        self._sends.append(asyncio.create_task(self._connection.send(codec.write_device_frame(event))))

    async def text(self) -> str:
        try:
            async with asyncio.timeout(BOUND_S):
                return str(await self._connection.recv())
        except ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd else 1006) from None


async def a_device(url: str, world: World) -> Device:
    """A device of the demo account that has everything."""
    cipher = CryptographyCipher()
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}) as http:
        challenge = (await http.post("/api/challenge", json={"email": accounts.EMAIL})).json()
        salt, password = base64.b64decode(challenge["salt"]), normalise_password(accounts.PASSWORD)
        credentials = cipher.derive_now(password, salt, challenge["iterations"])
        body = {"email": accounts.EMAIL, "lookup_hash": credentials.lookup_hash, "stay": False}
        answer = await http.post("/api/sign-in", json=body)
    account, token = answer.json()["account"], answer.cookies[COOKIE]
    place = Place(account, "users", account, MASTER_KEY_FIELD)
    master = cipher.unwrap_key_now(credentials.wrapping, answer.json()["wrapped_master_key"], place)
    device = Device(world, httpx.AsyncClient(), account, token, CryptographyKeyring(cipher, account, master))
    headers = {"Cookie": f"{COOKIE}={token}", "Origin": url}
    device._socket = RealSocket(await connect(f"ws{url[4:]}/ws?account={account}", additional_headers=headers))
    device.socket.send(Hello(device_id="device"))
    await device.take_until(WarmingComplete)
    return device


async def is_taken(url: str) -> None:
    """Wait until the server works on a write: it looks for the rows that it is about."""
    async with httpx.AsyncClient(base_url=url) as http:
        while not any("id" in str(each["query"]) for each in (await http.get("/control/directus-log")).json()):
            pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_write_that_was_taken_is_answered_before_the_end(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "hearth.db"
    with closing(StandIn(TOKEN)) as unused, running("--data", str(file), *SLOW) as (url, process):
        device = await a_device(url, World(unused, FakeTime(time.time())))
        await device.http.post(f"{url}/control/reset", json={})
        pen = Pen(device)
        records = pen.say("the last words")
        pen.send(records)
        await is_taken(url)
        begun = time.monotonic()
        process.send_signal(number)
        await pen.written()
        assert await device.socket.closed() == 1012
        _out, err = await asyncio.to_thread(process.communicate, timeout=BOUND_S)
        assert process.returncode == 0
        assert "Traceback" not in err
        assert time.monotonic() - begun < BOUND_S
    with closing(StandIn(TOKEN, data_file=file)) as standin:
        client = DirectusClient("http://directus", TOKEN, app=standin)
        assert await client.read("messages", records[Collection.MESSAGES][0]["id"])
