"""A connection on requests: order, repetition, lost answers, limits, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from server_mock.protocol import polled_transport
from server_mock.protocol.polled_transport import OutOfOrder, Polled, PolledTransport, TooManyPosts
from server_mock.protocol.transport import Disconnected

_T = TypeVar("_T")
ROUND = 5
"""Turns of the event loop after which whoever can go on has gone on."""


class Gone(list[PolledTransport]):
    """What was said to be gone."""


@pytest.fixture
def gone() -> Gone:
    return Gone()


async def turns() -> None:
    for _ in range(ROUND):
        await asyncio.sleep(0)


def begun(work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
    return asyncio.create_task(work)


async def test_frames_of_the_device_come_in_order_and_once(gone: Gone) -> None:
    transport = PolledTransport(gone.append)
    assert await transport.take(1, ["a", "b"]) == 2
    assert await transport.take(1, ["a", "b"]) == 2
    assert await transport.take(2, ["b", "c", None]) == 4
    assert await transport.take(5, []) == 4
    assert [await transport.receive() for _ in range(4)] == ["a", "b", "c", None]


@pytest.mark.parametrize("first", [0, 3, 10**30])
async def test_a_gap_in_what_the_device_sends_is_refused(gone: Gone, first: int) -> None:
    transport = PolledTransport(gone.append)
    await transport.take(1, ["a"])
    with pytest.raises(OutOfOrder):
        await transport.take(first, ["c"])
    assert await transport.take(2, ["b"]) == 2


async def test_a_slow_reader_slows_the_device_down(gone: Gone) -> None:
    transport = PolledTransport(gone.append)
    frames: list[str | None] = [str(number) for number in range(polled_transport.MAX_IN_FRAMES + 3)]
    posted, repeated = begun(transport.take(1, frames)), begun(transport.take(1, frames))
    await turns()
    assert not posted.done()
    with pytest.raises(TooManyPosts):
        await transport.take(1, frames)
    received = [await transport.receive() for _ in frames]
    assert received == frames
    assert await posted == await repeated == len(frames)


async def test_a_post_that_waits_too_long_says_how_much_is_taken(gone: Gone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled_transport, "POLL_S", 0.01)
    transport = PolledTransport(gone.append)
    most = polled_transport.MAX_IN_FRAMES
    assert await transport.take(1, ["x"] * (most + 1)) == most


async def test_a_poll_waits_for_a_frame_and_a_lost_answer_comes_again(gone: Gone) -> None:
    transport = PolledTransport(gone.append)
    poll = begun(transport.poll(0))
    await turns()
    await transport.send("a")
    assert await poll == Polled(1, ["a"])
    await transport.send("b\n")
    assert await transport.poll(0) == Polled(2, ["a", "b "])
    assert await transport.poll(0) == Polled(2, ["a", "b "])
    await transport.send("c")
    assert await transport.poll(2) == Polled(3, ["c"])


@pytest.mark.parametrize("after", [0, 3, 10**30])
async def test_a_poll_after_what_is_gone_or_was_never_sent_is_refused(gone: Gone, after: int) -> None:
    transport = PolledTransport(gone.append)
    for text in "ab":
        await transport.send(text)
    await transport.poll(1)
    with pytest.raises(OutOfOrder):
        await transport.poll(after)
    assert await transport.poll(1) == Polled(2, ["b"])


async def test_a_poll_without_news_is_answered_in_time(gone: Gone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled_transport, "POLL_S", 0.01)
    assert await PolledTransport(gone.append).poll(0) == Polled(0, [])


async def test_a_poll_takes_the_place_of_the_one_before(gone: Gone) -> None:
    transport = PolledTransport(gone.append)
    first = begun(transport.poll(0))
    await turns()
    second = begun(transport.poll(0))
    assert await first == Polled(0)
    await transport.send("a")
    assert await second == Polled(1, ["a"])


async def test_a_device_that_does_not_poll_holds_up_who_sends(gone: Gone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled_transport, "MAX_OUT_CHARS", 10)
    transport = PolledTransport(gone.append)
    await transport.send("x" * 50)
    waits = begun(transport.send("y" * 6))
    await turns()
    assert not waits.done()
    assert (await transport.poll(0)).frames == ["x" * 50]
    assert not waits.done()
    poll = begun(transport.poll(1))
    await waits
    assert await poll == Polled(2, ["y" * 6])


async def test_an_answer_holds_no_more_than_may_wait(gone: Gone, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = PolledTransport(gone.append)
    for text in ("abcd", "efgh", "ijkl"):
        await transport.send(text)
    monkeypatch.setattr(polled_transport, "MAX_OUT_CHARS", 8)
    transport.end(1012)
    assert await transport.poll(0) == Polled(2, ["abcd", "efgh"])
    assert await transport.poll(2) == Polled(3, ["ijkl"], 1012)


async def test_the_end_comes_after_what_was_sent_and_can_be_asked_for_again(gone: Gone) -> None:
    transport = PolledTransport(gone.append)
    waits = begun(transport.receive())
    await transport.send("last words")
    await transport.close(4401)
    await transport.close(1000)
    assert not transport.is_open
    with pytest.raises(Disconnected) as ended:
        await waits
    assert ended.value.code == 4401
    for _ in range(2):
        assert await transport.poll(0) == Polled(1, ["last words"], 4401)
    assert await transport.poll(1) == Polled(1, [], 4401)
    ways: tuple[Callable[[], object], ...] = (lambda: transport.send("x"), lambda: transport.take(1, ["x"]))
    for way in ways:
        with pytest.raises(Disconnected):
            await way()  # type: ignore[misc]


async def test_a_connection_that_nobody_polls_ends(gone: Gone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled_transport, "UNPOLLED_S", 0.01)
    transport = PolledTransport(gone.append)
    with pytest.raises(Disconnected):
        await asyncio.wait_for(transport.receive(), 5)
    assert gone == [transport]


async def test_a_connection_that_is_polled_lives(gone: Gone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled_transport, "UNPOLLED_S", 0.01)
    transport = PolledTransport(gone.append)
    poll = begun(transport.poll(0))
    await asyncio.sleep(0.03)
    assert transport.is_open
    transport.drop()
    assert await poll == Polled(0, [], 1000)


async def test_ids_cannot_be_guessed(gone: Gone) -> None:
    ids = {PolledTransport(gone.append).id for _ in range(100)}
    assert len(ids) == 100
    assert {len(each) for each in ids} == {43}
