"""What every connection promises, whatever carries its frames: the port `Socket`, told as cases for an environment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest

from hearth.core.errors import MalformedFrame
from hearth.core.protocol import codec
from hearth.core.protocol.server_events import Pong, ServerEvent
from hearth.ports.network import Socket, SocketClosed

LATEST_S = 10.0


class FarEnd(Protocol):
    """The server's side of a connection."""

    async def send(self, text: str) -> None:
        """Send a frame."""

    async def receive(self) -> str | None:
        """The next frame of the device."""

    async def close(self, code: int) -> None:
        """End the connection."""


class Env(Protocol):
    """Makes connections."""

    async def open(self) -> tuple[Socket, FarEnd]:
        """A connection and its far end."""


def frame(seq: int) -> str:
    """A frame that says its number."""
    return codec.write_server_frame(Pong(seq=seq))


async def next_event(socket: Socket) -> ServerEvent:
    """The next frame's event."""
    async with asyncio.timeout(LATEST_S):
        return (await socket.receive()).event


async def frames_come_in_their_order(env: Env) -> None:
    """Whatever the size of a frame, and however long the pause before it."""
    socket, far = await env.open()
    for seq in (1, 2):
        await far.send(frame(seq))
    assert [(await next_event(socket)).seq for _ in range(2)] == [1, 2]
    waits = asyncio.create_task(next_event(socket))
    await asyncio.sleep(0)
    await far.send(frame(3))
    assert (await waits).seq == 3
    socket.close()


async def what_is_sent_arrives_in_its_order_once(env: Env) -> None:
    """Also what is sent while something before it is on its way."""
    socket, far = await env.open()
    for number in range(30):
        socket.send(f"first {number}")
    await asyncio.sleep(0)
    socket.send("last")
    async with asyncio.timeout(LATEST_S):
        arrived = [await far.receive() for _ in range(31)]
    assert arrived == [*(f"first {number}" for number in range(30)), "last"]
    socket.close()


async def a_frame_that_cannot_be_read_is_an_error_of_its_own(env: Env) -> None:
    """What follows it can be read."""
    socket, far = await env.open()
    await far.send("no frame at all")
    await far.send(frame(1))
    with pytest.raises(MalformedFrame):
        await next_event(socket)
    assert (await next_event(socket)).seq == 1
    socket.close()


async def the_end_comes_after_the_frames_before_it(env: Env) -> None:
    """And stays the end, for whoever asks again."""
    socket, far = await env.open()
    await far.send(frame(1))
    await far.close(1000)
    assert (await next_event(socket)).seq == 1
    for _ in range(2):
        with pytest.raises(SocketClosed):
            await next_event(socket)
    socket.send("nobody hears this")
    socket.close()


async def who_closes_hears_no_more(env: Env) -> None:
    """Neither does closing or sending again do anything."""
    socket, _far = await env.open()
    waits = asyncio.create_task(next_event(socket))
    await asyncio.sleep(0)
    socket.close()
    with pytest.raises(SocketClosed):
        await waits
    socket.close()
    socket.send("nobody hears this")


CASES: dict[str, Callable[[Env], Awaitable[None]]] = {
    each.__name__: each
    for each in (
        frames_come_in_their_order,
        what_is_sent_arrives_in_its_order_once,
        a_frame_that_cannot_be_read_is_an_error_of_its_own,
        the_end_comes_after_the_frames_before_it,
        who_closes_hears_no_more,
    )
}
