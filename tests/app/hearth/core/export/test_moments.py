"""Moments in an export: exact for programs, readable for people, and read back from every zone."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.export import moments

SUMMER = timezone(timedelta(hours=2))
AT = 1_750_000_000_123


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_a_moment_is_exact(ms: int) -> None:
    assert moments.parse(moments.exact(ms)) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2024-01-02T03:04:05.678901+02:00", 1_704_157_445_678),
        ("2024-01-02T01:04:05.678Z", 1_704_157_445_678),
        ("2024-01-02T01:04:05", 1_704_157_445_000),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (17, None),
    ],
)
def test_moments_of_every_zone_are_read(text: object, ms: int | None) -> None:
    found = moments.parse(text)
    assert found == ms or (ms is None and (found or -1) < 0)
