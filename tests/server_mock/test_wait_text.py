"""A time to wait, in words."""

from __future__ import annotations

import pytest

from server_mock.wait_text import wait_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 second"), (2, "2 seconds"), (119, "119 seconds"), (120, "2 minutes"), (121, "3 minutes")],
)
def test_a_time_is_said_in_seconds_or_minutes(seconds: int, text: str) -> None:
    assert wait_text(seconds) == text
