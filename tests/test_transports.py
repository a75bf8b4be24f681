"""Every connection keeps the contract of its port: the fake, and both transports between the client and the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest import mock

import pytest

from hearth.browser.network.polling import open_polled
from hearth.ports.network import Socket, SocketClosed
from hearth.testing.network import FakeSocket
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.device_connection import Connection
from server_mock.protocol.transport import Disconnected, Transport
from tests.contracts import network
from tests.contracts.network import FarEnd
from tests.peers import LiveDevice, LiveExchange, LiveWorld, LoopTime, read_frame
from tests.server_mock.world import EMAIL, PASSWORD, TOKEN


class FakeFarEnd:
    """The test's end of a `FakeSocket`."""

    def __init__(self, socket: FakeSocket) -> None:
        self._socket = socket
        self._heard = 0

    async def send(self, text: str) -> None:
        """Send a frame."""
        try:
            self._socket.arrive(read_frame(text))
        except Exception as error:  # noqa: BLE001 - which the socket raises in its turn
            self._socket.fail(error)

    async def receive(self) -> str | None:
        """The next frame of the device."""
        self._heard += 1
        return self._socket.sent[self._heard - 1]

    async def close(self, _code: int) -> None:
        """End the connection."""
        self._socket.fail(SocketClosed())


class FakeEnv:
    """The fake that is shipped with the engine."""

    async def open(self) -> tuple[Socket, FarEnd]:
        """A connection and its far end."""
        socket = FakeSocket()
        return socket, FakeFarEnd(socket)


class LiveEnv:
    """A device and the real server, whose connections do nothing by themselves."""

    def __init__(self, device: LiveDevice, account: str, polled: bool, accepted: asyncio.Queue[Transport]) -> None:
        self._device = device
        self._account = account
        self._polled = polled
        self._accepted = accepted

    async def open(self) -> tuple[Socket, FarEnd]:
        """A connection and its far end."""
        socket: Socket
        if self._polled:
            exchange = LiveExchange(self._device.live_api.http, self._device.network)
            socket = await open_polled(exchange, self._account, read_frame)
        else:
            socket = await self._device.open_websocket(self._account)
        return socket, await self._accepted.get()


@asynccontextmanager
async def live(polled: bool) -> AsyncIterator[LiveEnv]:
    """A server whose connections are handed to the test."""
    accepted: asyncio.Queue[Transport] = asyncio.Queue()
    over = asyncio.Event()

    async def hand_over(connection: Connection) -> None:
        transport = connection._channel._transport
        await transport.accept()
        accepted.put_nowait(transport)
        await over.wait()

    standin = StandIn(TOKEN)
    world = LiveWorld(standin, LoopTime())
    world.start()
    await world.seed(chats=1)
    device = LiveDevice(world)
    account = await device.live_api.sign_in(EMAIL, await world.lookup_hash(EMAIL, PASSWORD), stay=False)
    with mock.patch.object(Connection, "serve", hand_over):
        yield LiveEnv(device, account.id, polled, accepted)
        over.set()
        for socket in device.live:
            await socket.died()
    await world.stop()
    standin.close()


@pytest.mark.parametrize("case", network.CASES)
async def test_the_fake_keeps_the_contract(case: str) -> None:
    await network.CASES[case](FakeEnv())


@pytest.mark.parametrize("polled", [False, True], ids=["websocket", "polled"])
@pytest.mark.parametrize("case", network.CASES)
async def test_both_transports_keep_the_contract(case: str, polled: bool) -> None:
    async with live(polled) as env:
        await network.CASES[case](env)


@pytest.mark.parametrize("polled", [False, True], ids=["websocket", "polled"])
async def test_the_server_is_told_when_the_device_leaves(polled: bool) -> None:
    async with live(polled) as env:
        socket, far = await env.open()
        socket.close()
        with pytest.raises(Disconnected):
            await asyncio.wait_for(far.receive(), network.LATEST_S)
