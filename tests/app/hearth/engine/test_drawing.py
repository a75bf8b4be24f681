"""Changes of the screen: drawn at once, together, or not at all where nothing is another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hearth.core.view.open_chat import Composer
from hearth.core.view.screen import Screen, Status
from hearth.engine.drawing import Drawing
from hearth.testing.page import FakePage


@pytest.fixture
def page() -> FakePage:
    return FakePage()


def test_each_change_is_drawn_at_once(page: FakePage) -> None:
    drawing = Drawing(page)
    drawing.show(unsent=1)
    drawing.show(undo="A chat", unread=2)
    assert page.screens == [Screen(unsent=1), Screen(unsent=1, undo="A chat", unread=2)]
    assert drawing.screen is page.screens[-1]


def test_what_changes_together_is_drawn_once_at_the_end_also_within_another(page: FakePage) -> None:
    drawing = Drawing(page)
    with drawing.together():
        drawing.show(unsent=1)
        with drawing.together():
            drawing.show(unread=2)
        assert page.screens == []
        assert drawing.screen == Screen(unsent=1, unread=2), "it is known at once"
    assert page.screens == [Screen(unsent=1, unread=2)]
    with drawing.together():
        pass
    assert len(page.screens) == 1


def test_what_failed_on_the_way_does_not_keep_the_rest_from_being_drawn(page: FakePage) -> None:
    drawing = Drawing(page)

    def fail() -> None:
        with drawing.together():
            drawing.show(unsent=1)
            raise ValueError("by the way")

    with pytest.raises(ValueError, match="by the way"):
        fail()
    drawing.show(unread=1)
    assert page.screens == [Screen(unsent=1), Screen(unsent=1, unread=1)]


def test_what_is_on_screen_is_not_drawn_again_but_an_answer_to_another_press_is(page: FakePage) -> None:
    drawing = Drawing(page)
    status = Status("Up to date")
    drawing.show(status=status, unsent=0)
    drawing.show(status=replace(status), unsent=0)
    assert len(page.screens) == 1
    assert drawing.screen.status is status
    problem = Composer(problem="This text is too long.")
    drawing.show(composer=problem)
    drawing.show(composer=replace(problem))
    assert len(page.screens) == 3
