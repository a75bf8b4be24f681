"""User Timing marks: each once in a session."""

from __future__ import annotations

from hearth.engine.marks import Marks
from hearth.testing.device import FakeDevice


def test_each_mark_is_set_the_first_time_that_it_is_reached() -> None:
    device = FakeDevice()
    marks = Marks(device)
    for name in ("warm", "up-to-date", "warm", "up-to-date"):
        marks.reached(name)
    assert device.marks == ["warm", "up-to-date"]
    Marks(device).reached("warm")
    assert device.marks == ["warm", "up-to-date", "warm"], "another session sets it anew"
