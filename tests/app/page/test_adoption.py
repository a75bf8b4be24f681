"""The view on screen stays until Python knows more, and never longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.page.adoption import WHOLE_PAGE, Adoption
from hearth.core.records.contents import Chat
from hearth.core.view.chat_list import ChatGroup
from hearth.core.view.message import Message
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.core.view.screen import Phase, Screen
from hearth.engine.chats.repository import PAGE_MESSAGES

STARTING = Screen(phase=Phase.SIGNED_IN)
READ = replace(STARTING, restored=True)


def opened(chat_id: str = "a", messages: int = 3, has_older: bool = False) -> OpenedChat:
    said = tuple(Message(str(n), "user", n, "10:00", "Today") for n in range(messages))
    return OpenedChat(Chat(chat_id, "Title", 0, 1), ChatState.READY, said, has_older)


def test_a_page_is_as_long_as_a_chat_opens_with() -> None:
    assert WHOLE_PAGE == PAGE_MESSAGES


def test_without_a_view_nothing_is_held() -> None:
    adoption = Adoption()
    assert not adoption.holds_list(STARTING)
    assert not adoption.holds_chat(STARTING)


def test_the_list_is_held_until_what_is_stored_was_read() -> None:
    adoption = Adoption(drawn=True)
    assert adoption.holds_list(replace(STARTING, groups=(ChatGroup("Today", ()),)))
    assert not adoption.holds_list(READ)
    assert adoption.drew_list()
    assert not adoption.drew_list()
    assert not adoption.holds_list(STARTING)


@pytest.mark.parametrize(
    ("screen", "held"),
    [
        (STARTING, True),
        (READ, False),
        (replace(STARTING, chat=OpenedChat(Chat("a", "Title", 0, 1), ChatState.LOADING)), True),
        (replace(READ, chat=OpenedChat(Chat("a", "Title", 0, 1), ChatState.LOADING)), False),
        (replace(STARTING, chat=opened()), False),
        (replace(READ, chat=opened(has_older=True)), True),
        (replace(READ, chat=opened(messages=WHOLE_PAGE, has_older=True)), False),
        (replace(STARTING, chat=opened("b")), False),
        (replace(STARTING, phase=Phase.SIGNED_OUT), False),
        (replace(STARTING, phase=Phase.SIGNING_OUT), False),
    ],
    ids=["unread", "gone", "loading", "not whole", "whole", "its end", "a page", "another", "signed out", "leaving"],
)
def test_the_chat_is_held_until_it_is_read_as_far_as_it_opens(screen: Screen, held: bool) -> None:
    assert Adoption(drawn=True, chat="a").holds_chat(screen) is held


def test_it_is_over_when_both_are_drawn() -> None:
    adoption = Adoption(drawn=True, chat="a")
    assert adoption.drew_chat()
    assert not adoption.over
    adoption.drew_list()
    assert adoption.over
