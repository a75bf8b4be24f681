"""Only messages that arrive are read aloud: what fills the log is told apart from them, and keeps the log busy."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.page.views import busy_log
from app.page.views.busy_log import BusyLog, has_arrived
from hearth.core.records.contents import Chat
from hearth.core.view.message import Message
from hearth.core.view.open_chat import AnswerState, AnswerView, ChatState, OpenedChat


def chat(*ids: str, state: ChatState = ChatState.READY, id: str = "c", **parts: object) -> OpenedChat:  # noqa: A002
    messages = tuple(Message(each, "user", 0, "14:32", "Today") for each in ids)
    return replace(OpenedChat(Chat(id, "Title", 0, 1), state, messages), **parts)  # type: ignore[arg-type]


EMPTY, LOADING = chat(state=ChatState.EMPTY), chat(state=ChatState.LOADING)


@pytest.mark.parametrize(
    ("before", "after", "arrived"),
    [
        (chat("1", "2"), chat("1", "2", "3"), True),
        (chat("1", "2"), chat("1", "2"), True),
        (chat("1", "2"), chat("1"), True),
        (EMPTY, chat("1"), True),
        (EMPTY, chat("1", "2"), False),
        (None, chat("1"), False),
        (LOADING, chat("1"), False),
        (chat("2"), chat("1", "2"), False),
        (chat("1", "2"), chat("1", "2", id="other"), False),
        (chat("1", "2"), chat("1", "2", jump=1), False),
        (chat("1", has_newer=True), chat("1", "2"), False),
        (chat("1"), EMPTY, False),
    ],
)
def test_what_arrives_is_told_from_what_fills(before: OpenedChat | None, after: OpenedChat, arrived: bool) -> None:
    assert has_arrived(before, after) is arrived


def test_a_day_that_gets_another_name_is_nothing_that_arrives() -> None:
    before = chat("1", "2")
    after = replace(before, messages=tuple(replace(each, day="Yesterday") for each in before.messages))
    assert not has_arrived(before, after)


def test_a_message_that_was_edited_has_arrived() -> None:
    before = chat("1", "2")
    edited = replace(before.messages[1], body=("Edited",))
    assert has_arrived(before, replace(before, messages=(before.messages[0], edited)))


class Log:
    """An element as far as it is used here."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def setAttribute(self, name: str, value: str) -> None:  # noqa: N802 - the DOM's name
        assert name == "aria-busy"
        self.told.append(value)


async def test_a_log_is_busy_until_it_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy_log, "SETTLED_S", 0)
    log = Log()
    busy = BusyLog(log)
    busy.draws(None, LOADING)
    await asyncio.sleep(0.01)
    assert log.told == ["true"]
    busy.draws(LOADING, chat("1"))
    await asyncio.sleep(0.01)
    assert log.told == ["true", "true", "false"]
    busy.draws(chat("1"), chat("1", "2"))
    await asyncio.sleep(0.01)
    assert log.told == ["true", "true", "false"]
    busy.draws(chat("1"), LOADING)
    busy.draws(LOADING, chat("1"))
    busy.close()
    await asyncio.sleep(0.01)
    assert log.told[3:] == ["true", "true"]


async def test_a_log_is_busy_while_an_answer_grows_and_tells_the_whole() -> None:
    log = Log()
    busy = BusyLog(log)
    grows = replace(chat("1"), answer=AnswerView(AnswerState.GROWING))
    busy.draws(chat("1"), grows)
    busy.draws(grows, replace(grows, warning="?"))
    assert log.told == ["true", "true"]
    busy.draws(grows, chat("1", "2"))
    assert log.told == ["true", "true", "false"], "before the whole answer is drawn"
    busy.close()
