"""Work gives way: what takes long for a browser is spread over turns of its event loop, counted here, not timed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.view import presenters
from hearth.core.view.screen import Screen
from hearth.engine.chats.repository import FIRST_MESSAGES, PAGE_MESSAGES
from hearth.engine.intents.chats import OpenChat
from tests.app.hearth.engine.journey import Journey


class Turns:
    """What was done in which turn of the event loop."""

    def __init__(self) -> None:
        self.now = 0
        self.done: list[tuple[str, int]] = []
        self._tick()

    def note(self, what: str) -> None:
        """It is done in this turn."""
        self.done.append((what, self.now))

    def of(self, what: str) -> list[int]:
        """The turns in which it was done, once for each time."""
        return [turn for name, turn in self.done if name == what]

    def _tick(self) -> None:
        self.now += 1
        asyncio.get_running_loop().call_soon(self._tick)


@pytest.fixture
async def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    counted = Turns()
    real = presenters.message_from

    def render(*args: Any) -> Any:
        counted.note("render")
        return real(*args)

    monkeypatch.setattr("hearth.engine.chats.repository.message_from", render)
    return counted


@pytest.fixture
async def journey(turns: Turns) -> AsyncIterator[Journey]:
    made = Journey()
    draw, before = made.page.draw, Screen()

    def drawn(screen: Screen) -> None:
        nonlocal before
        if screen.chat is not before.chat and screen.chat and screen.chat.messages:
            turns.note("draw")
        before = screen
        draw(screen)

    made.page.draw = drawn  # type: ignore[method-assign]
    yield made
    for task in made._tasks:
        task.cancel()


async def test_the_first_chat_is_rendered_drawn_and_stored_in_turns_of_their_own(
    journey: Journey, turns: Turns
) -> None:
    await journey.sign_in()
    store = journey.device.stores[-1]
    apply = store.apply

    async def applied(batch: Any) -> None:
        turns.note("store")
        await apply(batch)

    store.apply = applied  # type: ignore[method-assign]
    journey.warm()
    await journey.current()
    rendered, drawn, stored = turns.of("render")[:FIRST_MESSAGES], turns.of("draw")[0], turns.of("store")[0]
    assert len(set(rendered)) == 1
    assert rendered[0] < drawn < stored


async def test_a_chat_that_is_opened_shows_its_end_before_more_than_that_is_rendered(
    journey: Journey, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.engine.post(OpenChat("b"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.id == "b")
    turns.done.clear()
    painted: list[Any] = []
    monkeypatch.setattr(journey.device, "after_paint", painted.append)
    journey.engine.post(OpenChat("a"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.id == "a")
    await journey.until(lambda: len(painted) == 2)
    assert len(turns.of("render")) == FIRST_MESSAGES, "until that is painted, nothing else is done"
    for callback in painted:
        callback()
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == PAGE_MESSAGES)
    first, full = turns.of("draw")
    assert first < full
    assert max(turns.of("render")) > first
