"""A server that lies about what a device has written: each lie is told, and what merely comes twice or late is none."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.view.message import Delivery
from hearth.engine.intents.chats import FetchAgain, OpenChat
from hearth.engine.intents.writing import SendMessage
from tests.app.hearth.engine.writing.live import Live, last, opened, screen, texts
from tests.peers import Browser


def lie(there: Live, **fault: Any) -> None:
    there.world.faults.apply(fault)


def written(there: Live) -> tuple[Browser, Browser, str]:
    """Two devices with a chat open in which one of them has written."""
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, "before"))
    return one, two, chat


@pytest.mark.parametrize("reloads", [False, True])
def test_written_without_writing_is_told_with_the_next_message(there: Live, reloads: bool) -> None:
    one, _, chat = written(there)
    lie(there, withhold_write=True, times=1)
    there.do(one, SendMessage(chat, "never stored"))
    assert last(one).delivery is Delivery.DONE, "the server has said so"
    if reloads:
        there.reload(one)
        there.do(one, OpenChat(chat))
    there.do(one, SendMessage(chat, "the next one"), wait=30)
    assert screen(one).status.sentence.startswith("The server answers with an older state of your account")
    assert screen(one).status.differs
    assert "never stored" in texts(one), "it is here, and can be read"
    assert (texts(one)[-1], last(one).delivery) == ("the next one", Delivery.SENDING), "nobody is told that it is sent"


@pytest.mark.parametrize("fault", ["duplicate_events", "reorder_events"])
def test_what_comes_twice_or_in_another_order_is_written_once_and_raises_no_alarm(there: Live, fault: str) -> None:
    one, two, chat = written(there)
    lie(there, **{fault: True})
    for number in range(4):
        there.do(one, SendMessage(chat, f"message {number}"))
        there.do(two, SendMessage(chat, f"answer {number}"))
    lie(there)
    there.until(lambda: not screen(one).unsent and not screen(two).unsent)
    there.wait(60)
    for browser in (one, two):
        assert sorted(texts(browser)[-8:]) == sorted(f"{kind} {n}" for kind in ("message", "answer") for n in range(4))
        assert screen(browser).status.sentence == "Up to date"
        assert not opened(browser).warning


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("drop_message", "1 message is missing from this chat"),
        ("replay_message", "1 message is missing from this chat"),
        ("corrupt_message", "not as your devices wrote it last"),
    ],
)
def test_a_message_that_was_written_and_is_lost_or_altered_is_told_to_another_device(
    there: Live, fault: str, told: str
) -> None:
    one, _, chat = written(there)
    there.do(one, SendMessage(chat, "worth a lot"))
    lie(there, **{fault: last(one).id})
    three = there.browse()
    there.do(three, OpenChat(chat), wait=10)
    assert told in opened(three).warning
    lie(there)
    there.do(three, FetchAgain(chat), wait=10)
    assert texts(three)[-1] == "worth a lot"
    assert not opened(three).warning
