"""Rate limits: buckets that failures empty and time fills, bounded in number."""

from __future__ import annotations

from server_mock.protocol.rate_limit import Rate, RateLimiter
from tests.server_mock.world import FakeTime


def test_failures_take_tokens_and_time_gives_them_back() -> None:
    time = FakeTime(0)
    limiter = RateLimiter(Rate(2, 10), time)
    assert limiter.wait_s("a") == 0
    limiter.count("a")
    limiter.count("a")
    assert limiter.wait_s("a") == 5
    assert limiter.wait_s("b") == 0
    time.now_s = 3
    assert limiter.wait_s("a") == 2
    time.now_s = 5
    assert limiter.wait_s("a") == 0
    limiter.count("a")
    assert limiter.wait_s("a") == 5
    # However long nothing happens, the bucket holds no more than it can.
    time.now_s = 1_000
    limiter.count("a")
    limiter.count("a")
    assert limiter.wait_s("a") == 5


def test_failing_on_does_not_lock_for_longer() -> None:
    limiter = RateLimiter(Rate(2, 10), FakeTime(0))
    for _ in range(50):
        limiter.count("a")
    assert limiter.wait_s("a") == 5


def test_forgetting() -> None:
    limiter = RateLimiter(Rate(1, 10), FakeTime(0))
    limiter.count("a")
    limiter.count("b")
    limiter.clear("a")
    assert (limiter.wait_s("a"), limiter.wait_s("b")) == (0, 10)
    limiter.clear_all()
    assert limiter.wait_s("b") == 0


def test_keys_are_bounded() -> None:
    limiter = RateLimiter(Rate(1, 10), FakeTime(0), max_keys=2)
    for key in ("a", "b", "c"):
        limiter.count(key)
    assert [limiter.wait_s(key) for key in ("a", "b", "c")] == [0, 10, 10]
