"""What is on the page now: parts change one by one, and nothing is drawn on a page that was put away."""

from __future__ import annotations

from hearth.core.view.screen import Phase, Screen
from hearth.engine.auth.notices import LOCKED
from hearth.engine.screen_state import ScreenState
from hearth.ports.keys import LockNote
from hearth.testing.page import FakePage


class Shown:
    """A screen, and how often somebody might sign in."""

    def __init__(self) -> None:
        self.page, self.sign_ins = FakePage(), 0
        self.screen = ScreenState(self.page, self._sign_in)

    def _sign_in(self) -> None:
        self.sign_ins += 1


def test_a_part_that_changes_leaves_the_others_the_same_objects() -> None:
    shown = Shown()
    shown.screen.show(unsent=1)
    before = shown.page.screen
    shown.screen.show(notice="News.")
    assert (shown.page.screen.unsent, shown.page.screen.notice) == (1, "News.")
    assert shown.page.screen.status is before.status
    assert shown.screen.now is shown.page.screen


def test_the_sign_in_form_shows_nothing_of_the_screen_before_it() -> None:
    shown = Shown()
    shown.screen.show(unsent=1, phase=Phase.SIGNED_IN)
    shown.screen.show_sign_in("Signed out.")
    assert shown.page.screen == Screen(phase=Phase.SIGNED_OUT, notice="Signed out.")
    shown.screen.show_locked(LockNote("account", "a@b", stay=True))
    assert shown.page.screen == Screen(phase=Phase.SIGNED_OUT, notice=LOCKED, locked=True, email="a@b", stay=True)
    assert shown.sign_ins == 2


def test_a_page_that_was_put_away_holds_nothing() -> None:
    shown = Shown()
    shown.screen.show(notice="secret")
    shown.screen.put_away()
    shown.screen.show(notice="late")
    assert shown.screen.now == Screen()
    assert len(shown.page.screens) == 1
