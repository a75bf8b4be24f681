"""A WebSocket as what carries frames: its end is one exception, with its close code, on every path."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server_mock.protocol.transport import CLOSE_NORMAL, Disconnected, WebSocketTransport


class Socket:
    """A WebSocket that says what the test has it say."""

    def __init__(self, *messages: dict[str, Any], gone: int | None = None) -> None:
        self.application_state = WebSocketState.CONNECTED
        self.messages = list(messages)
        self.gone = gone
        self.sent: list[str] = []
        self.closed: list[int] = []

    async def receive(self) -> dict[str, Any]:
        return self.messages.pop(0)

    async def send_text(self, text: str) -> None:
        if self.gone is not None:
            raise WebSocketDisconnect(self.gone)
        self.sent.append(text)

    async def close(self, code: int) -> None:
        if self.gone is not None:
            raise WebSocketDisconnect(self.gone)
        self.closed.append(code)


def transport(socket: Socket) -> WebSocketTransport:
    return WebSocketTransport(cast(WebSocket, socket))


async def test_text_frames_come_as_text_and_binary_ones_as_none() -> None:
    carried = transport(
        Socket({"type": "websocket.receive", "text": "a"}, {"type": "websocket.receive", "bytes": b"a"})
    )
    assert [await carried.receive(), await carried.receive()] == ["a", None]


@pytest.mark.parametrize(("message", "code"), [({}, CLOSE_NORMAL), ({"code": 1006}, 1006)])
async def test_the_devices_end_has_its_code(message: dict[str, Any], code: int) -> None:
    with pytest.raises(Disconnected) as caught:
        await transport(Socket({"type": "websocket.disconnect", **message})).receive()
    assert caught.value.code == code


async def test_sending_to_who_has_left_is_the_end_and_closing_is_nothing() -> None:
    carried = transport(Socket(gone=1001))
    with pytest.raises(Disconnected) as caught:
        await carried.send("a")
    assert caught.value.code == 1001
    await carried.close(CLOSE_NORMAL)


async def test_it_is_open_as_long_as_neither_side_has_closed() -> None:
    socket = Socket()
    carried = transport(socket)
    assert carried.is_open
    await carried.send("a")
    await carried.close(1013)
    assert (socket.sent, socket.closed) == (["a"], [1013])
    socket.application_state = WebSocketState.DISCONNECTED
    assert not carried.is_open
