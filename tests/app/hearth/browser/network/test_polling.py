"""A connection on HTTP requests: every frame once and in order, whatever becomes of requests and answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from hearth.browser.network import polling
from hearth.browser.network.polling import Answer, NoAnswer, PolledSocket, open_polled
from hearth.core.protocol.server_events import SessionEnd
from hearth.ports.network import SocketClosed
from tests.peers import read_frame
from tests.virtual import in_virtual_time

Served = Callable[[dict[str, Any], Sequence[str]], Awaitable[Answer] | Answer]


def pong(seq: int) -> str:
    return json.dumps({"v": 1, "event": "pong", "seq": seq})


def answer(head: object, *lines: str, status: int = 200) -> Answer:
    return Answer(status, json.dumps(head), lines)


def refused(code: str, status: int = 401) -> Answer:
    return answer({"error": {"code": code, "message": "A sentence."}}, status=status)


class Scripted:
    """A server that answers as the test says; when the script is over, it does not answer a poll any more."""

    def __init__(self) -> None:
        self.polls: list[Answer | Exception] = []
        self.sends: list[Answer | Exception] = []
        self.opened = answer({"connection": "id"})
        self.asked: list[tuple[str, dict[str, Any], list[str]]] = []
        self.left: list[str] = []

    async def post(self, path: str, lines: Sequence[str], within_s: float) -> Answer:
        assert 0 < within_s < 60
        self.asked.append((path, json.loads(lines[0]), list(lines[1:])))
        if path == polling.OPEN:
            return self.opened
        script = self.polls if path == polling.POLL else self.sends
        if not script:
            await asyncio.Event().wait()
        said = script.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    def leave(self, path: str, body: str) -> None:
        self.left.append(f"{path} {body}")

    def of(self, path: str) -> list[tuple[dict[str, Any], list[str]]]:
        return [(head, lines) for asked, head, lines in self.asked if asked == path]


@pytest.fixture
def server() -> Scripted:
    return Scripted()


async def connected(server: Scripted) -> PolledSocket:
    return await open_polled(server, "an account", read_frame)


async def seqs(socket: PolledSocket, count: int) -> list[int]:
    return [(await socket.receive()).event.seq for _ in range(count)]


async def ended(socket: PolledSocket) -> SocketClosed:
    with pytest.raises(SocketClosed) as closed:
        await socket.receive()
    return closed.value


@in_virtual_time
async def test_each_poll_says_what_has_arrived(server: Scripted) -> None:
    server.polls = [answer({"cursor": 2, "closed": None}, pong(1), pong(2)), answer({"cursor": 3}, pong(3))]
    socket = await connected(server)
    assert await seqs(socket, 3) == [1, 2, 3]
    await asyncio.sleep(0.1)
    assert [head["after"] for head, _ in server.of(polling.POLL)] == [0, 2, 3]
    assert {head["connection"] for head, _ in server.of(polling.POLL)} == {"id"}
    socket.close()


@pytest.mark.parametrize("fails", [NoAnswer(), answer({}, status=502), Answer(200, "<html>"), refused("x", 429)])
@in_virtual_time
async def test_a_poll_that_fails_is_made_again(server: Scripted, fails: Answer | Exception) -> None:
    server.polls = [answer({"cursor": 1}, pong(1)), fails, answer({"cursor": 2}, pong(2))]
    socket = await connected(server)
    assert await seqs(socket, 2) == [1, 2]
    assert [head["after"] for head, _ in server.of(polling.POLL)][:3] == [0, 1, 1]
    socket.close()


@in_virtual_time
async def test_polls_that_fail_for_long_end_the_connection(server: Scripted) -> None:
    server.polls = [NoAnswer() for _ in range(100)]
    socket = await connected(server)
    assert (await ended(socket)).session_end is None
    assert polling.GIVE_UP_S <= asyncio.get_running_loop().time() <= polling.GIVE_UP_S + 2 * polling.AGAIN_S


@pytest.mark.parametrize(
    ("said", "end"),
    [
        (refused("revoked"), SessionEnd.REVOKED),
        (refused("expired"), SessionEnd.EXPIRED),
        (refused("no-connection", 404), None),
        (refused("out-of-order", 409), None),
        (refused("foreign-origin", 403), None),
        (answer({"cursor": 5}, pong(1)), None),
        (answer({"cursor": "1"}, pong(1)), None),
        (answer({}, pong(1)), None),
        (answer({"cursor": 0, "closed": 1012}), None),
    ],
)
@in_virtual_time
async def test_what_ends_a_connection(server: Scripted, said: Answer, end: SessionEnd | None) -> None:
    server.polls = [said]
    socket = await connected(server)
    assert (await ended(socket)).session_end is end
    assert (await ended(socket)).session_end is end


@in_virtual_time
async def test_answers_with_nothing_do_not_follow_on_each_other_at_once(server: Scripted) -> None:
    server.polls = [answer({"cursor": 0}) for _ in range(5)]
    socket = await connected(server)
    await asyncio.sleep(3 * polling.AGAIN_S + 0.1)
    assert len(server.of(polling.POLL)) == 4
    socket.close()


@in_virtual_time
async def test_frames_are_posted_together_in_order_and_again_until_they_are_taken(server: Scripted) -> None:
    server.sends = [NoAnswer(), answer({"received": 1}), answer({"received": 3})]
    socket = await connected(server)
    for text in "abc":
        socket.send(text)
    await asyncio.sleep(60)
    assert [(head["first"], lines) for head, lines in server.of(polling.SEND)] == [
        (1, ["a", "b", "c"]),
        (1, ["a", "b", "c"]),
        (2, ["b", "c"]),
    ]
    server.sends = [answer({"received": 4})]
    socket.send("d")
    await asyncio.sleep(1)
    assert server.of(polling.SEND)[-1] == ({"connection": "id", "first": 4}, ["d"])
    socket.close()


@in_virtual_time
async def test_no_post_is_longer_than_the_server_reads(server: Scripted) -> None:
    frame = "x" * (polling.MAX_POST_CHARS // 2)
    server.sends = [answer({"received": 2}), answer({"received": 4}), answer({"received": 5})]
    socket = await connected(server)
    for _ in range(5):
        socket.send(frame)
    await asyncio.sleep(1)
    assert [len(lines) for _head, lines in server.of(polling.SEND)] == [2, 2, 1]
    socket.close()


@pytest.mark.parametrize("received", [0.5, None, "1", -1, 2])
@in_virtual_time
async def test_a_server_that_counts_wrong_ends_the_connection(server: Scripted, received: object) -> None:
    server.sends = [answer({"received": received})]
    socket = await connected(server)
    socket.send("a")
    assert (await ended(socket)).session_end is None


@in_virtual_time
async def test_a_session_that_is_over_is_heard_of_by_sending(server: Scripted) -> None:
    server.sends = [refused("unknown")]
    socket = await connected(server)
    socket.send("a")
    assert (await ended(socket)).session_end is SessionEnd.UNKNOWN


@in_virtual_time
async def test_leaving_is_told_once_and_asks_for_nothing_more(server: Scripted) -> None:
    socket = await connected(server)
    await asyncio.sleep(1)
    socket.close()
    socket.close()
    asked = len(server.asked)
    await asyncio.sleep(100)
    assert server.left == ['/api/poll/close {"connection": "id"}']
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("opened", "end"),
    [
        (refused("revoked"), SessionEnd.REVOKED),
        (refused("crowded", 503), None),
        (Answer(200, "<html>"), None),
        (answer({"connection": 5}), None),
        (answer([]), None),
        (answer({}, status=404), None),
    ],
)
@in_virtual_time
async def test_a_connection_that_does_not_open(server: Scripted, opened: Answer, end: SessionEnd | None) -> None:
    server.opened = opened
    with pytest.raises(SocketClosed) as closed:
        await connected(server)
    assert closed.value.session_end is end
