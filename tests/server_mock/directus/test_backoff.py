"""Waits before another try: they double up to a bound, keep half of it, and follow what the server asks for."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_mock.directus.backoff import backoff, retry_after

NOW = 1_750_000_000.0


def test_ceilings_double_up_to_two_seconds() -> None:
    assert list(islice(backoff(lambda: 1.0), 7)) == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0])
    assert list(islice(backoff(lambda: 0.0), 3)) == pytest.approx([0.05, 0.1, 0.2])


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_no_wait_is_less_than_half_of_its_ceiling(numbers: list[float]) -> None:
    drawn = iter(numbers)
    highest = list(islice(backoff(lambda: 1.0), 8))
    for wait, most in zip(islice(backoff(lambda: next(drawn)), 8), highest, strict=True):
        assert most / 2 <= wait <= most


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 10 ", 10.0),
        ("Sun, 15 Jun 2025 15:06:50 GMT", 10.0),
        ("Sun, 15 Jun 2025 15:06:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("\u0663", None),
        ("9" * 10, None),
    ],
)
def test_what_a_server_asks_for(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds
