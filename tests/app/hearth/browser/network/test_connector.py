"""What a connection is made of follows from what gets through, and is found out in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from hearth.browser.network import connector, polling
from hearth.browser.network.connector import Connector, FallbackSocket
from hearth.browser.network.polling import Answer, NoAnswer
from hearth.core.errors import MalformedFrame
from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Hello, Ping
from hearth.core.protocol.server_events import Pong, SessionEnd
from hearth.engine.sync.connection import Timeouts
from hearth.ports.network import SocketClosed
from hearth.testing.network import FakeSocket
from tests.virtual import in_virtual_time

HELLO = codec.write_device_frame(Hello(device_id="device"))
PING = codec.write_device_frame(Ping())


class Proxy:
    """What lies between the page and its server; what was opened through it."""

    def __init__(self) -> None:
        self.refuses = False
        self.hangs = False
        self.http: SocketClosed | None = None
        self.websockets: list[FakeSocket] = []
        self.polled: list[FakeSocket] = []
        self.tries = 0
        self.posted: list[tuple[str, list[str]]] = []
        self.answers: list[Answer | NoAnswer] = []
        self.connector = Connector(self.open_websocket, self.open_polled, self, now)

    async def open_websocket(self, _account: str) -> FakeSocket:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.refuses:
            raise SocketClosed
        self.websockets.append(FakeSocket())
        return self.websockets[-1]

    async def open_polled(self, _account: str) -> FakeSocket:
        if self.http is not None:
            raise self.http
        self.polled.append(FakeSocket(polled=True))
        return self.polled[-1]

    async def post(self, path: str, lines: Sequence[str], within_s: float) -> Answer:
        """A post beside a connection, answered as the test says, or never."""
        assert within_s >= 60
        self.posted.append((path, list(lines)))
        if not self.answers:
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    def leave(self, path: str, body: str) -> None:
        """Nothing is left."""

    async def connect(self) -> FallbackSocket:
        """A connection that says hello."""
        socket = await self.connector.connect("account")
        socket.send(HELLO)
        return socket


@pytest.fixture
def proxy() -> Proxy:
    return Proxy()


def now() -> float:
    return asyncio.get_running_loop().time()


async def ends(socket: FallbackSocket) -> SocketClosed:
    with pytest.raises(SocketClosed) as closed:
        await socket.receive()
    return closed.value


@in_virtual_time
async def test_a_websocket_that_gets_through_is_all_there_is(proxy: Proxy) -> None:
    socket = await proxy.connect()
    proxy.websockets[0].deliver(Pong(seq=1))
    assert (await socket.receive()).event.seq == 1
    assert (socket.polled, proxy.polled, proxy.websockets[0].sent) == (False, [], [HELLO])
    proxy.websockets[0].fail()
    assert not (await ends(socket)).superseded  # What has spoken once is lost when it ends, and not blocked.
    assert proxy.polled == []


@in_virtual_time
async def test_where_no_websocket_opens_and_http_answers_frames_travel_by_http(proxy: Proxy) -> None:
    proxy.refuses = True
    socket = await proxy.connect()
    assert socket.polled
    assert proxy.polled[0].sent == [HELLO]
    proxy.polled[0].deliver(Pong(seq=1))
    assert (await socket.receive()).event.seq == 1
    socket.close()
    assert proxy.polled[0].closed


@in_virtual_time
async def test_a_server_that_just_comes_back_is_not_taken_for_a_proxy(proxy: Proxy) -> None:
    proxy.refuses = True
    opens = proxy.open_polled

    async def back(account: str) -> FakeSocket:
        proxy.refuses = False
        return await opens(account)

    proxy.connector = Connector(proxy.open_websocket, back, proxy, now)
    assert not (await proxy.connect()).polled
    assert proxy.polled[0].closed


@pytest.mark.parametrize("end", [None, *SessionEnd])
@in_virtual_time
async def test_where_http_does_not_answer_either_the_device_is_offline_or_its_session_over(
    proxy: Proxy, end: SessionEnd | None
) -> None:
    proxy.refuses, proxy.http = True, SocketClosed(end)
    with pytest.raises(SocketClosed) as closed:
        await proxy.connect()
    assert closed.value.session_end is end
    proxy.refuses, proxy.http = False, None
    assert not (await proxy.connect()).polled


@in_virtual_time
async def test_a_handshake_that_hangs_is_given_up(proxy: Proxy) -> None:
    proxy.hangs = True
    socket = await proxy.connect()
    assert socket.polled
    assert now() == connector.OPEN_S
    proxy.hangs = False
    assert (await ends(socket)).superseded  # That it opens now is something new.


@in_virtual_time
async def test_a_websocket_that_opens_and_stays_silent_gives_way(proxy: Proxy) -> None:
    socket = await proxy.connect()
    first = asyncio.create_task(socket.receive())
    await asyncio.sleep(connector.ASK_S + 0.1)
    assert proxy.websockets[0].sent == [HELLO, PING]
    assert proxy.polled == []
    socket.send("said meanwhile")
    await asyncio.sleep(connector.SILENT_S)
    assert proxy.websockets[0].closed
    assert proxy.polled[0].sent == [HELLO, "said meanwhile"]
    proxy.polled[0].deliver(Pong(seq=1))
    assert (await first).event.seq == 1
    assert socket.polled


@in_virtual_time
async def test_a_server_that_thinks_for_long_but_answers_the_ping_is_not_silent(proxy: Proxy) -> None:
    socket = await proxy.connect()
    first = asyncio.create_task(socket.receive())
    await asyncio.sleep(connector.ASK_S + 1)
    proxy.websockets[0].deliver(Pong(seq=1))
    await first
    second = asyncio.create_task(socket.receive())
    await asyncio.sleep(100)
    assert proxy.polled == []
    second.cancel()


@in_virtual_time
async def test_nobody_is_asked_before_hello(proxy: Proxy) -> None:
    socket = await proxy.connector.connect("account")
    first = asyncio.create_task(socket.receive())
    await asyncio.sleep(60)
    assert proxy.websockets[0].sent == []
    first.cancel()


@in_virtual_time
async def test_a_websocket_that_ends_before_its_first_frame_gives_way(proxy: Proxy) -> None:
    socket = await proxy.connect()
    first = asyncio.create_task(socket.receive())
    for websocket in range(2):
        await asyncio.sleep(1)
        assert not socket.polled
        assert proxy.websockets[websocket].sent == [HELLO]
        proxy.websockets[websocket].fail()
    await asyncio.sleep(1)
    assert socket.polled
    assert proxy.polled[-1].sent == [HELLO]
    assert [each.closed for each in proxy.polled] == [True, False]
    proxy.polled[-1].deliver(Pong(seq=1))
    assert (await first).event.seq == 1


@in_virtual_time
async def test_a_server_that_restarts_before_its_first_frame_is_not_taken_for_a_proxy(proxy: Proxy) -> None:
    socket = await proxy.connect()
    proxy.websockets[0].fail()
    first = asyncio.create_task(socket.receive())
    await asyncio.sleep(1)
    proxy.websockets[1].deliver(Pong(seq=1))
    assert (await first).event.seq == 1
    assert not socket.polled
    assert proxy.connector._found == 0


@pytest.mark.parametrize("http", [None, SocketClosed(), SocketClosed(SessionEnd.REVOKED)])
@in_virtual_time
async def test_a_websocket_that_ends_with_the_session_is_believed(proxy: Proxy, http: SocketClosed | None) -> None:
    proxy.http = http
    socket = await proxy.connect()
    proxy.websockets[0].fail(SocketClosed(SessionEnd.REVOKED) if http is None else SocketClosed())
    assert (await ends(socket)).session_end is (SessionEnd.REVOKED if http is None else http.session_end)
    assert proxy.polled == []


@in_virtual_time
async def test_a_frame_that_cannot_be_read_is_a_word_as_well(proxy: Proxy) -> None:
    socket = await proxy.connect()
    proxy.websockets[0].fail(MalformedFrame("nonsense"))
    with pytest.raises(MalformedFrame):
        await socket.receive()
    proxy.websockets[0].fail()
    await ends(socket)
    assert proxy.polled == []


@in_virtual_time
async def test_what_was_found_is_remembered_and_tried_again_after_a_while(proxy: Proxy) -> None:
    proxy.refuses = True
    (await proxy.connect()).close()
    assert proxy.tries == 2
    (await proxy.connect()).close()
    assert proxy.tries == 2
    await asyncio.sleep(connector.RETRY_S)
    (await proxy.connect()).close()
    assert proxy.tries == 4
    await asyncio.sleep(connector.RETRY_S)
    (await proxy.connect()).close()
    assert proxy.tries == 4  # twice as long this time
    proxy.connector.network_changed()
    proxy.refuses = False
    assert not (await proxy.connect()).polled


@in_virtual_time
async def test_a_polled_connection_makes_way_once_a_websocket_opens(proxy: Proxy) -> None:
    proxy.refuses = True
    socket = await proxy.connect()
    await asyncio.sleep(connector.RETRY_S + 1)
    assert not proxy.polled[0].closed
    proxy.refuses = False
    assert (await ends(socket)).superseded
    assert (await ends(socket)).superseded  # The end stays the end.
    assert now() <= 3 * connector.RETRY_S + 5
    assert proxy.websockets[0].closed
    assert not (await proxy.connect()).polled


@in_virtual_time
async def test_a_websocket_that_only_opens_proves_nothing_if_it_was_silent(proxy: Proxy) -> None:
    socket = await proxy.connect()
    first = asyncio.create_task(socket.receive())
    await asyncio.sleep(4 * connector.MAX_RETRY_S)
    assert not proxy.polled[0].closed
    assert proxy.tries == 1
    first.cancel()
    socket.close()
    assert (await proxy.connect()).polled is False  # but with a new connection it is tried


@in_virtual_time
async def test_on_the_slowest_network_there_is_time_for_every_way_to_connect(proxy: Proxy) -> None:
    async def slow(_account: str) -> FakeSocket:
        await asyncio.sleep(connector.OPEN_S - 0.1)
        raise SocketClosed

    async def requested(account: str) -> FakeSocket:
        await asyncio.sleep(polling.REQUEST_S - 0.1)
        return await proxy.open_polled(account)

    proxy.connector = Connector(slow, requested, proxy, now)
    async with asyncio.timeout(Timeouts().connect_s):
        assert (await proxy.connect()).polled


@pytest.mark.parametrize("end", [None, *SessionEnd])
@in_virtual_time
async def test_a_polled_connection_that_ends_by_itself_was_not_superseded(proxy: Proxy, end: SessionEnd | None) -> None:
    proxy.refuses = True
    socket = await proxy.connect()
    await asyncio.sleep(connector.RETRY_S + 1)
    proxy.polled[0].fail(SocketClosed(end))
    closed = await ends(socket)
    assert (closed.session_end, closed.superseded) == (end, False)
    socket.close()


@pytest.mark.parametrize("way", [lambda proxy: setattr(proxy, "hangs", True), lambda _proxy: None])
@in_virtual_time
async def test_who_gives_up_waiting_leaves_no_connection_behind(proxy: Proxy, way: Callable[[Proxy], None]) -> None:
    proxy.refuses = True
    opens = proxy.open_polled

    async def opened(account: str) -> FakeSocket:
        way(proxy)
        return await opens(account)

    proxy.connector = Connector(proxy.open_websocket, opened, proxy, now)
    connecting = asyncio.create_task(proxy.connect())
    await asyncio.sleep(0.1)
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    assert [each.closed for each in proxy.polled] == ([True] if proxy.hangs else [False])


LONG = codec.write_device_frame(Ping()).ljust(codec.POSTED_FROM_CHARS + 1)


async def spoken(proxy: Proxy) -> FallbackSocket:
    """A connection that has brought a frame."""
    socket = await proxy.connect()
    (proxy.polled or proxy.websockets)[0].deliver(Pong(seq=1))
    await socket.receive()
    return socket


@pytest.mark.parametrize("polled", [False, True], ids=["websocket", "polled"])
@in_virtual_time
async def test_a_long_frame_is_posted_beside_the_connection(proxy: Proxy, polled: bool) -> None:
    proxy.refuses = polled
    proxy.answers = [Answer(200, "{}")]
    socket = await spoken(proxy)
    carrier = (proxy.polled or proxy.websockets)[0]
    socket.send(LONG)
    socket.send(LONG[:-1])
    await asyncio.sleep(0.1)
    assert proxy.posted == [("/api/write?connection=connection", [LONG])]
    assert carrier.sent == [HELLO, LONG[:-1]]
    assert not carrier.closed


@in_virtual_time
async def test_a_long_frame_before_the_first_one_of_the_server_goes_over_the_connection(proxy: Proxy) -> None:
    socket = await proxy.connect()
    socket.send(LONG)
    assert (proxy.websockets[0].sent, proxy.posted) == ([HELLO, LONG], [])


@pytest.mark.parametrize(
    "answer", [NoAnswer(), *(Answer(status, "{}") for status in (400, 401, 404, 413, 429, 503)), Answer(200, "<html>")]
)
@in_virtual_time
async def test_a_post_that_is_not_taken_ends_the_connection(proxy: Proxy, answer: Answer | NoAnswer) -> None:
    proxy.answers = [answer]
    socket = await spoken(proxy)
    socket.send(LONG)
    await ends(socket)


@in_virtual_time
async def test_a_post_ends_with_its_connection(proxy: Proxy) -> None:
    socket = await spoken(proxy)
    socket.send(LONG)
    await asyncio.sleep(0.1)
    (post,) = socket._posts
    socket.close()
    await asyncio.sleep(0.1)
    assert post.cancelled()
