"""What an open chat says of the assistant: the answer that grows before all else, then notes, then the offer to ask."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from hearth.core.records.contents import Chat
from hearth.core.view.message import AnswerMark, Message
from hearth.core.view.open_chat import AnswerState, AnswerView, ChatState, OpenedChat
from hearth.engine.assistant.answer import Answer
from hearth.engine.assistant.board import AnswerBoard


def chat(
    *roles: str, state: ChatState = ChatState.READY, mark: AnswerMark = AnswerMark.NONE, **more: Any
) -> OpenedChat:
    messages = tuple(Message(str(at), role, at, "", "", text="x", mark=mark) for at, role in enumerate(roles))
    return OpenedChat(Chat("c", "Travels", 0, 1), state, messages, **more)


@pytest.fixture
def board() -> AnswerBoard:
    made = AnswerBoard()
    made.can_ask = True
    return made


def test_a_question_at_the_end_can_be_asked(board: AnswerBoard) -> None:
    assert board.of(chat("assistant", "user")) == AnswerView(AnswerState.UNANSWERED)
    board.can_ask = False
    assert board.of(chat("user")) is None


@pytest.mark.parametrize(
    "shown", [chat(), chat("user", "assistant"), chat("user", state=ChatState.LOADING), chat("user", has_newer=True)]
)
def test_elsewhere_nothing_is_offered(board: AnswerBoard, shown: OpenedChat) -> None:
    assert board.of(shown) is None


def test_what_is_about_to_be_asked_is_not_offered(board: AnswerBoard) -> None:
    board.asking.add("c")
    assert board.of(chat("user")) is None


def test_a_note_says_whether_part_of_an_answer_is_there(board: AnswerBoard) -> None:
    board.notes["c"] = AnswerView(AnswerState.FAILED, sentences=("It failed.",))
    assert board.of(chat("user")) == board.notes["c"]
    cut_off = board.of(chat("user", "assistant", mark=AnswerMark.INTERRUPTED))
    assert cut_off is not None
    assert (cut_off.again, cut_off.sentences) == (True, ("It failed.",))


def test_an_answer_that_grows_is_shown_wherever_the_chat_is_read(board: AnswerBoard) -> None:
    message = Message("m", "assistant", 1, "", "")
    board.answers["c"] = cast(Answer, SimpleNamespace(message=message, blocks=("text",), mutation="act"))
    assert board.of(chat("user", has_newer=True)) == AnswerView(AnswerState.GROWING, message, ("text",))
    assert (board.receives("act"), board.receives("other")) == (True, False)
