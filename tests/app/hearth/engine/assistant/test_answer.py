"""One answer while it comes: bounded, drawn once a frame, kept once a second, and its end is told once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from hearth.core.errors import AssistantError
from hearth.core.vdom import text_of
from hearth.core.view.assistant_text import FAILED, TOO_LONG
from hearth.core.view.message import Message
from hearth.engine.assistant.answer import Answer
from hearth.testing.device import FakeDevice


class Received:
    """An answer, and what was heard of it."""

    def __init__(self, most_bytes: int = 1_000) -> None:
        self.device = FakeDevice()
        self.paints: list[object] = []
        self.device.after_paint = self.paints.append  # type: ignore[method-assign, assignment]
        self.grown, self.ended = 0, asyncio.Event()
        message = Message("m", "assistant", 1, "", "")
        self.answer = Answer(self.device, "c", "act", message, self._grow, self._due, most_bytes)

    def _grow(self) -> None:
        self.grown += 1

    def _due(self) -> None:
        if self.answer.ended:
            self.ended.set()

    async def take(self, *pieces: str | Exception) -> Answer:
        self.answer.start(spoken(*pieces))
        await self.ended.wait()
        return self.answer


async def spoken(*pieces: str | Exception) -> AsyncGenerator[str, None]:
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        yield piece


async def test_the_pieces_are_one_text_and_its_blocks() -> None:
    answer = await Received().take("Hello **wor", "", "ld**")
    assert (answer.text, answer.problem) == ("Hello **world**", "")
    assert text_of(*answer.blocks) == "Hello world"


async def test_it_is_drawn_once_a_frame_and_not_after_its_end() -> None:
    received = Received()
    await received.take("a", "b", "c")
    assert len(received.paints) == 1
    received.paints[0]()  # type: ignore[operator]
    assert received.grown == 0, "it has become a message"


async def test_what_went_wrong_is_said_with_what_had_come() -> None:
    answer = await Received().take("a", AssistantError("It is busy.", "busy"))
    assert (answer.text, answer.problem, answer.code) == ("a", "It is busy.", "busy")


async def test_an_error_of_another_kind_tells_nothing_of_the_text(caplog: pytest.LogCaptureFixture) -> None:
    answer = await Received().take("a", ValueError("secret"))
    assert answer.problem == FAILED
    assert "secret" not in caplog.text
    assert "ValueError" in caplog.text


async def test_it_ends_where_a_message_would_be_too_long_in_bytes() -> None:
    answer = await Received(most_bytes=4).take("aä", "b", "c")
    assert (answer.text, answer.problem) == ("aäb", TOO_LONG)


async def test_stopping_tells_once_that_it_has_ended() -> None:
    received = Received()
    received.answer.start(spoken())
    received.answer.stop()
    assert received.ended.is_set()
    received.ended.clear()
    received.answer.stop()
    assert not received.ended.is_set()
    received.answer.wake(0.0)
    await asyncio.sleep(0)
    assert not received.ended.is_set(), "what has ended is not due again"
