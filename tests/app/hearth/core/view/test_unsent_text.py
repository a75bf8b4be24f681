"""Who signs out with something unsent is told how much it is."""

from __future__ import annotations

from hearth.core.view.unsent_text import unsent_text


def test_it_says_how_much_would_be_lost() -> None:
    assert unsent_text(1, waits=False) == "1 change is not sent yet. If you sign out now, it is lost."
    assert unsent_text(3, waits=False) == "3 changes are not sent yet. If you sign out now, they are lost."


def test_it_says_how_much_is_still_to_be_sent() -> None:
    assert unsent_text(1, waits=True).startswith("Sending 1 change. ")
    assert unsent_text(3, waits=True).startswith("Sending 3 changes. ")
