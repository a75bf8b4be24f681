"""Rate limits: token buckets, for failures to sign in, for new accounts and for questions to the assistant.

Of sign-ins only failures count, so that many devices may sign in at once; guessing runs dry, for one account after
`ACCOUNT` failures, for one network address after `ADDRESS`.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple


class Rate(NamedTuple):
    """So many times in so many seconds."""

    times: int
    seconds: float


ACCOUNT = Rate(10, 300.0)
ADDRESS = Rate(100, 60.0)
SIGN_UPS = Rate(100, 3600.0)
"""What one network address may try to make of accounts; each try tells whether an address has one."""
QUESTIONS = Rate(60, 3600.0)
"""What one account may ask the assistant."""
MAX_KEYS = 50_000


class RateLimiter:
    """One bucket per key: each time takes a token, time gives them back. `clock` is monotonic, in seconds."""

    def __init__(self, rate: Rate, clock: Callable[[], float], max_keys: int = MAX_KEYS) -> None:
        self._rate = rate
        self._clock = clock
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str) -> int:
        """Whole seconds until the next try is allowed; 0 when it is allowed now."""
        tokens = self._tokens(key)
        if tokens >= 1:
            return 0
        return math.ceil((1 - tokens) * self._rate.seconds / self._rate.times)

    def count(self, key: str) -> None:
        """Count one time."""
        tokens = max(0.0, self._tokens(key) - 1)
        self._buckets[key] = (tokens, self._clock())
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)

    def clear(self, key: str) -> None:
        """Forget what was counted of a key."""
        self._buckets.pop(key, None)

    def clear_all(self) -> None:
        """Forget everything."""
        self._buckets.clear()

    def _tokens(self, key: str) -> float:
        full = float(self._rate.times)
        tokens, since = self._buckets.get(key, (full, 0.0))
        gained = (self._clock() - since) * self._rate.times / self._rate.seconds
        return min(full, tokens + gained)


class SignInLimits:
    """Both limits of a sign-in."""

    def __init__(self, clock: Callable[[], float], account: Rate = ACCOUNT, address: Rate = ADDRESS) -> None:
        self._accounts = RateLimiter(account, clock)
        self._addresses = RateLimiter(address, clock)

    def wait_s(self, hashed_email: str, address: str) -> int:
        """Whole seconds until a try is allowed; 0 when it is allowed now."""
        return max(self._accounts.wait_s(hashed_email), self._addresses.wait_s(address))

    def fail(self, hashed_email: str, address: str) -> None:
        """Count a failure, for an account that exists as for one that does not."""
        self._accounts.count(hashed_email)
        self._addresses.count(address)

    def succeed(self, hashed_email: str) -> None:
        """Forget the account's failures."""
        self._accounts.clear(hashed_email)

    def clear(self) -> None:
        """Forget every failure."""
        self._accounts.clear_all()
        self._addresses.clear_all()
