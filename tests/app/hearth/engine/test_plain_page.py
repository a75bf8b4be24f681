"""A page of one function: it draws what it is given, and leaves nothing when it is cleared or hidden."""

from __future__ import annotations

import pytest

from hearth.core.view.screen import Phase, Screen
from hearth.engine.plain_page import PlainPage


@pytest.mark.parametrize("leave", [PlainPage.clear, PlainPage.hide])
def test_nothing_is_left_when_it_is_cleared_or_hidden(leave: object) -> None:
    drawn: list[Screen] = []
    page = PlainPage(drawn.append)
    page.draw(Screen(phase=Phase.SIGNED_IN, notice="secret"))
    leave(page)  # type: ignore[operator]
    assert drawn[0].notice == "secret"
    assert drawn[1] == Screen()


def test_it_remembers_no_chat_and_shows_nothing_early() -> None:
    page = PlainPage(lambda _screen: None)
    assert (page.showed(), page.shows_chat()) == (None, False)
