"""How far the server's clock and the device's are apart, and what is said of it."""

from __future__ import annotations

import pytest

from hearth.core.sync.server_clock import DAY_MS, HOUR_MS, MINUTE_MS, ServerClock


def measured(ahead_ms: int, took_ms: int = 200) -> ServerClock:
    clock = ServerClock()
    clock.ask(1_000_000)
    clock.answered(1_000_000 + took_ms // 2 + ahead_ms, 1_000_000 + took_ms)
    return clock


@pytest.mark.parametrize(
    ("ahead_ms", "said"),
    [
        (0, ""),
        (5 * MINUTE_MS - 1, ""),
        (5 * MINUTE_MS, "5 minutes behind"),
        (-5 * MINUTE_MS, "5 minutes ahead of"),
        (-119 * MINUTE_MS, "119 minutes ahead of"),
        (3 * HOUR_MS, "3 hours behind"),
        (-47 * HOUR_MS, "47 hours ahead of"),
        (-400 * DAY_MS, "400 days ahead of"),
    ],
)
def test_a_difference_is_told_from_five_minutes_on(ahead_ms: int, said: str) -> None:
    clock = measured(ahead_ms)
    assert clock.ahead_ms == ahead_ms
    sentence = f"This device's clock is {said} the server's: dates and times may be wrong."
    assert clock.note == (sentence if said else "")


def test_an_answer_that_took_too_long_or_came_before_its_question_tells_nothing() -> None:
    assert measured(DAY_MS, took_ms=60_001).ahead_ms is None
    assert measured(DAY_MS, took_ms=-1).ahead_ms is None
    assert measured(DAY_MS, took_ms=60_000).ahead_ms == DAY_MS


def test_an_answer_to_no_question_or_without_a_time_changes_nothing() -> None:
    clock = measured(DAY_MS)
    clock.answered(0, 1_000_000)
    assert clock.ahead_ms == DAY_MS
    clock.ask(1_000_000)
    clock.answered(None, 1_000_000)
    assert clock.ahead_ms == DAY_MS
    assert ServerClock().note == ""
