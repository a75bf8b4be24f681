"""Moments, sizes and values in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hearth.core.text.formatting import clock, day_label, local, short_time, size_text, span_label, value_text

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 3, 14, 15, 30, tzinfo=ZONE)


class TestTimes:
    def test_labels(self) -> None:
        today = NOW.date()
        assert [span_label(today + timedelta(days=1), today), day_label(today + timedelta(days=1), today)] == [
            "Today"
        ] * 2
        assert day_label(today - timedelta(days=1), today) == "Yesterday"
        assert day_label(today - timedelta(days=2), today) == "Thursday, 12 March"
        assert day_label(today - timedelta(days=100), today) == "Thursday, 4 December 2025"

    def test_short_times(self) -> None:
        ages = (0, 1, 6, 7, 100)
        assert [short_time(NOW - timedelta(days=age), NOW) for age in ages] == [
            "15:30",
            "Fri",
            "Sun",
            "7 Mar",
            "4 Dec",
        ]

    def test_clock_pads(self) -> None:
        assert clock(datetime(2026, 1, 1, 3, 4, tzinfo=UTC)) == "03:04"

    @pytest.mark.parametrize("moment", [0, 1, 2**53 - 1, -(2**60), 10**18])
    def test_every_moment_is_some_day(self, moment: int) -> None:
        assert 1 <= local(moment, ZONE).year <= 9999


class TestValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, "not set"),
            (True, "on"),
            (False, "off"),
            ("", ""),
            ("a\nb", "a\nb"),
            (3, "3"),
            (0.5, "0.5"),
            (["a", 1, True], "a, 1, on"),
            ({"a": 1, "b": ["c", "d"]}, "a: 1; b: c, d"),
            ([], ""),
        ],
    )
    def test_values(self, value: object, text: str) -> None:
        assert value_text(value) == text

    def test_a_value_nested_to_death(self) -> None:
        value: list[object] = []
        for _ in range(5_000):
            value = [value]
        assert value_text(value) == "…"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (2_411_034, "2.4 MB"),
        (5.5e9, "5.5 GB"),
        (7e13, "70 TB"),
        (-1, ""),
        (10**400, ""),
        (float("inf"), ""),
        (float("nan"), ""),
        (True, ""),
        ("5", ""),
        (None, ""),
    ],
)
def test_sizes(size: object, text: str) -> None:
    assert size_text(size) == text
