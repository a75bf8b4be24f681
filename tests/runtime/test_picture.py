"""The picture of the session in the documentation is the table's own."""

from __future__ import annotations

import pytest

from hearth.core.sync.invariants import INVARIANTS
from hearth.core.sync.table import TABLE, Signal
from runtime import picture


def test_the_page_is_in_step_with_the_table() -> None:
    page = picture.PAGE.read_text()
    assert picture.updated(page) == page, "docs/architecture.md is out of date: run `make docs`"


def test_every_state_signal_and_invariant_is_in_the_picture() -> None:
    drawn = picture.picture()
    assert [name for name in (*TABLE, *Signal, *(each.says for each in INVARIANTS)) if name not in drawn] == []


def test_what_stands_around_the_picture_stays() -> None:
    page = picture.updated(f"before\n{picture.BEGIN}\nold\n{picture.END}\nafter\n")
    assert page == f"before\n{picture.BEGIN}\n{picture.picture()}\n{picture.END}\nafter\n"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        picture.updated("nothing to fill")
