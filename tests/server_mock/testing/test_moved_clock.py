"""Clocks that a test moves: both go forwards together, and never by themselves more than the machine's."""

from __future__ import annotations

from server_mock.testing.moved_clock import MovedClock


def test_both_clocks_move_together() -> None:
    clock = MovedClock()
    wall, steady = clock.wall_s(), clock.monotonic_s()
    clock.advance(3_600)
    clock.advance(60)
    assert 3_660 <= clock.wall_s() - wall < 3_720
    assert 3_660 <= clock.monotonic_s() - steady < 3_720


def test_each_clock_is_moved_by_itself() -> None:
    one, other = MovedClock(), MovedClock()
    one.advance(86_400)
    assert one.wall_s() - other.wall_s() > 86_000
