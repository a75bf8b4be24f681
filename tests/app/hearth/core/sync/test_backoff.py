"""The wait before the next try: it grows, is bounded, and is spread."""

from __future__ import annotations

import pytest

from hearth.core.sync.backoff import backoff_s


def test_back_off_grows_is_bounded_and_spread() -> None:
    assert [round(backoff_s(n, 1.0), 2) for n in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff_s(3, 0.0) == pytest.approx(0.4)
    assert backoff_s(10_000, 1.0) == 30
