"""What is sent of a chat: its last messages, within bounds, up to the person's own last one."""

from __future__ import annotations

from dataclasses import replace

from hearth.core.assistant.question import MAX_CHARS, MAX_TURNS, Turn, is_unanswered, question_of
from hearth.core.view.message import AnswerMark, Delivery, Message


def message(role: str, text: str, **values: object) -> Message:
    return replace(Message("id", role, 1, "12:00", "Today", text=text), **values)  # type: ignore[arg-type]


def test_the_newest_are_kept_oldest_first() -> None:
    messages = [message("user" if at % 2 else "assistant", str(at)) for at in range(100)]
    turns = question_of(messages)
    assert len(turns) == MAX_TURNS
    assert [each.content for each in turns] == [str(at) for at in range(100 - MAX_TURNS, 100)]
    assert "99" not in repr(turns)


def test_characters_are_bounded() -> None:
    long, short = message("user", "x" * (MAX_CHARS - 10)), message("user", "0123456789")
    assert question_of([long, short]) == (Turn("user", long.text), Turn("user", short.text))
    assert question_of([message("assistant", "no room"), long, short])[0].content == long.text
    assert question_of([long, message("user", "0123456789a")]) == (Turn("user", "0123456789a"),)
    (cut,) = question_of([short, message("user", "y" * (MAX_CHARS + 1))])
    assert cut.content == "y" * MAX_CHARS


def test_only_what_was_said_and_can_be_read() -> None:
    told = [
        message("system", "s"),
        message("user", "unreadable", fault="This message cannot be read."),
        message("user", "not sent", delivery=Delivery.FAILED),
        message("user", "waiting", delivery=Delivery.WAITING),
        message("assistant", "half", mark=AnswerMark.INTERRUPTED),
        message("assistant", "elsewhere", mark=AnswerMark.ELSEWHERE),
        message("user", "half of \ud83d"),
        message("assistant", "whole"),
    ]
    assert question_of(told) == (Turn("user", "waiting"), Turn("user", "half of ?"))
    assert question_of([message("assistant", "Hi"), message("user", "  ")]) == ()
    assert question_of([]) == ()


def test_which_chats_can_be_answered() -> None:
    own, answer = message("user", "Hello"), message("assistant", "Hi")
    assert is_unanswered([answer, own])
    assert not is_unanswered([own, answer])
    assert is_unanswered([own, replace(answer, mark=AnswerMark.INTERRUPTED)])
    assert not is_unanswered([own, replace(answer, mark=AnswerMark.ELSEWHERE)])
    assert not is_unanswered([replace(own, delivery=Delivery.FAILED)])
    assert not is_unanswered([])
