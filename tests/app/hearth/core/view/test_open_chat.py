"""What an open chat says of itself."""

from __future__ import annotations

import pytest

from hearth.core.records.contents import Chat
from hearth.core.view.open_chat import AnswerState, AnswerView, ChatState, OpenedChat

CHAT = Chat("c", "Travels", 0, 1)


@pytest.mark.parametrize("state", ChatState)
def test_only_what_is_here_and_not_deleted_can_be_written_in(state: ChatState) -> None:
    assert OpenedChat(CHAT, state).writable is (state in (ChatState.READY, ChatState.EMPTY))
    assert not OpenedChat(CHAT, state, deleted=True).writable


@pytest.mark.parametrize("state", AnswerState)
def test_only_an_answer_that_grows_is_being_answered(state: AnswerState) -> None:
    chat = OpenedChat(CHAT, ChatState.READY, answer=AnswerView(state))
    assert chat.is_answering is (state is AnswerState.GROWING)


def test_without_an_answer_nothing_grows_and_the_chat_names_it() -> None:
    chat = OpenedChat(CHAT, ChatState.READY)
    assert (chat.is_answering, chat.id, chat.title) == (False, "c", "Travels")
