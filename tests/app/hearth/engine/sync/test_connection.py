"""The connection's tasks: what happens is posted, what is over stays silent."""

from __future__ import annotations

import asyncio
import json

from hearth.core.errors import MalformedFrame, WrongVersion
from hearth.core.protocol.device_events import Ping
from hearth.core.protocol.server_events import Pong, SessionEnd
from hearth.core.sync.table import Signal
from hearth.engine.queue_items import ConnectionEvent, FrameReceived
from hearth.engine.sync.connection import Connection, Timeouts
from hearth.ports.network import SocketClosed
from hearth.testing.device import FakeDevice

QUICK = Timeouts(heartbeat_s=0.01, silence_s=0.05, progress_s=0.1, connect_s=0.02)


class Posted:
    """What a link posted, in order."""

    def __init__(self) -> None:
        self.device = FakeDevice()
        self.queue: asyncio.Queue[ConnectionEvent | FrameReceived] = asyncio.Queue()
        self.connection = Connection(self.device, "account", self.queue.put_nowait, QUICK)

    async def next(self) -> ConnectionEvent | FrameReceived:
        """The next thing posted."""
        return await asyncio.wait_for(self.queue.get(), 2)


async def test_a_connection_opens_and_its_frames_arrive_in_order() -> None:
    posted = Posted()
    posted.connection.connect()
    assert await posted.next() == ConnectionEvent(Signal.OPENED)
    for seq in (2, 1, 1, 3):
        posted.device.sockets[0].deliver(Pong(seq=seq))
    arrived = [await posted.next() for _ in range(3)]
    assert [each.frame.event.seq for each in arrived if isinstance(each, FrameReceived)] == [1, 2, 3]
    posted.connection.disconnect()


async def test_whether_frames_travel_by_http_is_known_while_the_connection_is_open() -> None:
    posted = Posted()
    for blocks in (False, True):
        posted.device.blocks_websockets = blocks
        assert not posted.connection.polled
        posted.connection.connect()
        await posted.next()
        assert posted.connection.polled is blocks
        posted.connection.disconnect()


async def test_a_refused_session_is_told_from_a_lost_connection() -> None:
    for end, signal in ((None, Signal.LOST), *((end, Signal.REFUSED) for end in SessionEnd)):
        posted = Posted()
        posted.device.refuse_connections = SocketClosed(end)
        posted.connection.connect()
        assert await posted.next() == ConnectionEvent(signal, session_end=end)


async def test_a_session_that_ends_on_an_open_connection_is_told_from_a_lost_connection() -> None:
    """A transport of requests hears of it at any of them, not at the first one only."""
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.device.sockets[0].fail(SocketClosed(SessionEnd.EXPIRED))
    assert await posted.next() == ConnectionEvent(Signal.REFUSED, session_end=SessionEnd.EXPIRED)
    posted.connection.disconnect()


async def test_a_connection_that_makes_way_for_a_better_one_is_told_from_a_lost_one() -> None:
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.device.sockets[0].fail(SocketClosed(superseded=True))
    assert await posted.next() == ConnectionEvent(Signal.SUPERSEDED)
    posted.connection.disconnect()


async def test_each_failure_of_a_frame_is_a_signal_of_its_own() -> None:
    for error, signal in (
        (SocketClosed(), Signal.LOST),
        (WrongVersion("v"), Signal.VERSION),
        (MalformedFrame("m"), Signal.BAD_FRAME),
    ):
        posted = Posted()
        posted.connection.connect()
        await posted.next()
        posted.device.sockets[0].fail(error)
        happened = await posted.next()
        assert isinstance(happened, ConnectionEvent)
        assert happened.signal is signal
        posted.connection.disconnect()


async def test_silence_is_first_asked_about_and_then_believed() -> None:
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.device.clock = 0.03
    while not posted.device.sockets[0].sent:  # noqa: ASYNC110 - the socket has no event to wait for
        await asyncio.sleep(0.001)
    assert json.loads(posted.device.sockets[0].sent[0])["event"] == "ping"
    posted.device.clock = 0.06
    assert await posted.next() == ConnectionEvent(Signal.STALLED)
    assert len(posted.device.sockets[0].sent) == 1
    posted.connection.disconnect()


async def test_an_answer_resets_the_silence() -> None:
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.device.clock = 0.03
    posted.device.sockets[0].deliver(Pong(seq=1))
    await posted.next()
    posted.device.clock = 0.07
    await asyncio.sleep(0.01)
    assert posted.queue.empty()
    posted.connection.disconnect()


async def test_a_connection_that_never_opens_stalls() -> None:
    posted = Posted()

    async def never(account: str) -> None:
        await asyncio.Event().wait()

    posted.device.connect = never  # type: ignore[assignment, method-assign]
    posted.connection.connect()
    assert await posted.next() == ConnectionEvent(Signal.STALLED)


async def test_after_disconnecting_nothing_more_is_posted() -> None:
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.connection.retry_later()
    socket = posted.device.sockets[0]
    posted.connection.disconnect()
    socket.deliver(Pong(seq=1))
    socket.fail()
    await asyncio.sleep(0.1)
    assert posted.queue.empty()
    assert socket.closed
    assert not posted.connection.send(Ping())


async def test_a_retry_comes_due() -> None:
    posted = Posted()
    posted.connection.retry_later()
    assert await posted.next() == ConnectionEvent(Signal.RETRY_DUE)


async def test_a_frame_that_never_comes_is_silence_whatever_follows_it() -> None:
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.device.clock = 0.06
    for seq in (2, 3, 4):
        posted.device.sockets[0].deliver(Pong(seq=seq))
    assert await posted.next() == ConnectionEvent(Signal.STALLED)
    posted.connection.disconnect()


async def test_pongs_alone_are_no_progress_while_a_sync_is_under_way() -> None:
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.connection.expect(True)
    for seq, clock in ((1, 0.04), (2, 0.08), (3, 0.12)):
        posted.device.clock = clock
        posted.device.sockets[0].deliver(Pong(seq=seq))
        happened = await posted.next()
        if happened == ConnectionEvent(Signal.STALLED):
            break
    else:
        happened = await posted.next()
    assert happened == ConnectionEvent(Signal.STALLED)
    posted.connection.disconnect()


async def test_pongs_are_enough_when_nothing_is_under_way() -> None:
    posted = Posted()
    posted.connection.connect()
    await posted.next()
    posted.connection.expect(True)
    posted.connection.expect(False)
    for seq, clock in ((1, 0.04), (2, 0.08), (3, 0.12)):
        posted.device.clock = clock
        posted.device.sockets[0].deliver(Pong(seq=seq))
        assert isinstance(await posted.next(), FrameReceived)
        await asyncio.sleep(0.01)
    assert posted.queue.empty()
    posted.connection.disconnect()
