"""Whether what is edited or renamed still has its place: a message that is merely not drawn is not missed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.page.editing import CHAT_GONE, MESSAGE_GONE, is_gone, lost_place
from hearth.core.records.contents import Chat
from hearth.core.text.markdown import render
from hearth.core.view.message import Message
from hearth.core.view.open_chat import ChatState, OpenedChat

CHAT = Chat("c", "A chat", 0, 1)


def message(at: int) -> Message:
    return Message(f"m{at}", "user", at, "14:32", "Today", render("Hello"))


def opened(*at: int, **parts: object) -> OpenedChat:
    state = ChatState.READY if at else ChatState.EMPTY
    return replace(OpenedChat(CHAT, state, tuple(map(message, at))), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "chat", "said"),
    [
        (2, opened(1, 2, 3), ""),
        (2, opened(1, 3), MESSAGE_GONE),
        (1, opened(2, 3), MESSAGE_GONE),
        (1, opened(2, 3, has_older=True), ""),
        (2, opened(1, 3, has_older=True, has_newer=True), MESSAGE_GONE),
        (4, opened(2, 3, has_older=True), MESSAGE_GONE),
        (4, opened(2, 3, has_newer=True), ""),
        (1, opened(), MESSAGE_GONE),
        (1, opened(state=ChatState.LOADING), ""),
        (1, opened(state=ChatState.FETCHING), ""),
        (1, opened(state=ChatState.GONE), CHAT_GONE),
        (1, opened(2, deleted=True), CHAT_GONE),
    ],
)
def test_a_message_is_missed_where_it_would_be_drawn(at: int, chat: OpenedChat, said: str) -> None:
    assert lost_place(message(at), chat) == said
    assert is_gone(chat) is (said == CHAT_GONE)


def test_a_deleted_chat_is_not_written_in() -> None:
    assert opened(1).writable
    assert not opened(1, deleted=True).writable
    assert not opened(1, state=ChatState.GONE).writable
