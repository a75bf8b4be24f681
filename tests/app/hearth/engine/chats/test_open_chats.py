"""Which chats are open, here and in other tabs."""

from __future__ import annotations

from hearth.engine.chats.open_chats import OPEN_ELSEWHERE, OpenChats


def test_nothing_is_open_at_first() -> None:
    assert OpenChats().all() == set()


def test_the_chosen_one_and_those_of_other_tabs_are_open() -> None:
    chats = OpenChats(chosen="here")
    chats.elsewhere.append("there")
    assert chats.all() == {"here", "there"}
    chats.chosen = None
    assert chats.all() == {"there"}


def test_only_the_last_few_of_other_tabs_count() -> None:
    chats = OpenChats()
    for number in range(OPEN_ELSEWHERE + 2):
        chats.elsewhere.append(str(number))
    assert chats.all() == {str(number) for number in range(2, OPEN_ELSEWHERE + 2)}
