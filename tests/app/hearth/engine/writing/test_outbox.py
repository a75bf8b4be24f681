"""The tab is killed at every step of writing, then opened again: everything is there once, and in its order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.intent import Intent
from hearth.engine.intents.writing import (
    DeleteMessage,
    EditMessage,
    NewChat,
    PinChat,
    RenameChat,
    SendMessage,
    TypeDraft,
)
from tests.app.hearth.engine.writing.live import Live, items, live, opened, screen, texts
from tests.peers import Browser

Act = Callable[[Live, Browser, str], list[Intent]]


class Killed(BaseException):
    """The page is gone."""


class Kill:
    """Kills the page at one of its store's steps; counts them."""

    def __init__(self, at: int) -> None:
        self.at, self.steps, self.dead = at, 0, False

    def __call__(self, _step: str) -> None:
        self.steps += 1
        self.dead = self.dead or self.steps == self.at
        if self.dead:
            raise Killed


def send(_there: Live, _browser: Browser, chat: str) -> list[Intent]:
    return [SendMessage(chat, "first"), SendMessage(chat, "second")]


def edit(_there: Live, browser: Browser, chat: str) -> list[Intent]:
    return [EditMessage(chat, opened(browser).messages[-1].id, "first")]


def delete(_there: Live, browser: Browser, chat: str) -> list[Intent]:
    return [DeleteMessage(chat, opened(browser).messages[-1].id)]


def rename(_there: Live, _browser: Browser, chat: str) -> list[Intent]:
    return [RenameChat(chat, "Another name"), PinChat(chat, True)]


def draft(_there: Live, _browser: Browser, chat: str) -> list[Intent]:
    return [TypeDraft(chat, "half a thought")]


def run(act: Act, at: int) -> tuple[int, bool, list[str], list[str]]:
    """How many steps there are, whether the kill came, and what two devices show at the end."""
    with live() as there:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(one, SendMessage(chat, "before"))
        there.do(two, OpenChat(chat))
        kill = Kill(at)
        one.device.on_step = kill
        there.do(one, *act(there, one, chat), wait=5)
        one.device.on_step = lambda _step: None
        there.reload(one)
        there.do(one, OpenChat(chat))
        there.until(lambda: screen(one).status.sentence == "Up to date" and screen(one).unsent == 0)
        there.wait(5)
        assert one.disk.outbox == {}, "whatever was begun is finished"
        shown = [
            [*texts(each), f"title {items(each)[0].title}", f"draft {items(each)[0].draft}"] for each in (one, two)
        ]
        own = [row for row in there.stored() if row["chat_id"] == chat and row["deleted_at"] is None]
        there.do(one, NewChat())  # nothing is in the way of what comes next
        assert len([row for row in own if row["role"] != "draft"]) == len(texts(two))
        return kill.steps, kill.dead, shown[0], shown[1]


@pytest.mark.parametrize(
    ("act", "done"),
    [
        (send, [["before"], ["before", "first"], ["before", "first", "second"]]),
        (edit, [["before"], ["first"]]),
        (delete, [["before"], []]),
        (rename, [["before"]]),
        (draft, [["before"]]),
    ],
)
def test_every_step_is_a_crash_point(act: Act, done: list[list[str]]) -> None:
    steps, _, here, there = run(act, 0)
    assert here == there
    assert steps > 2
    for at in range(1, steps + 1):
        _, killed, here, there = run(act, at)
        assert killed
        assert here == there, f"killed at step {at} of {steps}"
        assert list(here[2:-2]) in done, f"killed at step {at} of {steps}"
