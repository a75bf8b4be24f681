"""How long a device waits before it tries to connect again."""

from __future__ import annotations


def backoff_s(attempt: int, jitter: float, first_s: float = 0.5, most_s: float = 30.0) -> float:
    """Seconds to wait before try `attempt` (from 0): doubling, with full jitter (`jitter` from 0 to 1).

    Full jitter spreads the devices of a restarted server best: AWS Architecture Blog, "Exponential Backoff
    And Jitter". A tenth of the span is kept as a floor so that no try follows at once.
    """
    span = min(most_s, first_s * float(2 ** min(attempt, 16)))
    return span * (0.1 + 0.9 * jitter)
