"""What a screen says of itself."""

from __future__ import annotations

import pytest

from hearth.core.records.contents import Chat
from hearth.core.view.chat_list import ListState
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.core.view.screen import Phase, Screen, Status, Tone


def test_the_open_chat_is_the_current_one() -> None:
    assert Screen().current is None
    assert Screen(chat=OpenedChat(Chat("a", "A", 0, 1), ChatState.READY)).current == "a"


@pytest.mark.parametrize(
    ("screen", "without_chats"),
    [
        (Screen(phase=Phase.STARTING), ListState.LOADING),
        (Screen(phase=Phase.SIGNED_IN), ListState.LOADING),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Warming", progress=(1, 2))), ListState.LOADING),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Connecting", Tone.WORKING)), ListState.LOADING),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Connecting", Tone.WORKING), synced=True), ListState.LOADING),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Offline", Tone.OFFLINE)), ListState.UNSYNCED),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Reload the page", Tone.WARNING)), ListState.UNSYNCED),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Up to date"), synced=True), ListState.EMPTY),
        (Screen(phase=Phase.SIGNED_IN, status=Status("Offline", Tone.OFFLINE), synced=True), ListState.EMPTY),
    ],
)
def test_an_empty_list_means_no_chats_only_after_a_first_sync(screen: Screen, without_chats: ListState) -> None:
    assert screen.without_chats is without_chats
