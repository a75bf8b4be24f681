"""Without a fault the server is as it is: no hook changes anything."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from hearth.core.protocol.server_events import EventName
from server_mock.protocol.fault_hooks import FaultHooks, FrameOrder


def test_frames_go_out_each_once_and_in_order() -> None:
    order = FrameOrder()
    assert [order.pass_on(text) for text in "abc"] == [["a"], ["b"], ["c"]]
    assert order.flush() == []


async def test_nothing_goes_wrong_by_itself() -> None:
    hooks = FaultHooks()
    assert hooks.take_sign_in_status() is None
    assert hooks.record_filter() is None
    assert hooks.extra_frame(1) is None
    wrong = [hooks.refuses_websocket(), hooks.silences_websocket(), hooks.withholds_write(), hooks.refuses_question()]
    assert wrong == [False] * 4
    for event in EventName:
        assert not hooks.drops_after(event)
        await hooks.stall(event)


async def test_an_answer_passes_as_it_is() -> None:
    async def lines() -> AsyncGenerator[bytes, None]:
        yield b"a"
        yield b"b"

    assert [line async for line in FaultHooks().answer(lines())] == [b"a", b"b"]
