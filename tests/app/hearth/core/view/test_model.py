"""What a screen says of itself."""

from __future__ import annotations

import pytest

from hearth.core.records.contents import Chat
from hearth.core.view.model import ChatState, OpenedChat, Phase, Screen, Status, Tone


def test_the_open_chat_is_the_current_one() -> None:
    assert Screen().current is None
    assert Screen(chat=OpenedChat(Chat("a", "A", 0, 1), ChatState.READY)).current == "a"


@pytest.mark.parametrize(
    ("screen", "waiting"),
    [
        (Screen(phase=Phase.STARTING), True),
        (Screen(phase=Phase.SIGNED_IN), True),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Up to date")), False),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Warming", progress=(1, 2))), True),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Connecting", Tone.WORKING)), True),
    ],
)
def test_chats_may_come_until_the_status_says_that_they_are_here(screen: Screen, waiting: bool) -> None:
    assert screen.waiting is waiting
