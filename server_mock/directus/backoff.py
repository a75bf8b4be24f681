"""How long to wait before trying again: jittered, doubling, bounded, or as long as the server asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime

#: First ceiling and highest ceiling of a wait, in seconds.
_FIRST_S = 0.1
_HIGHEST_S = 2.0


def backoff(random: Callable[[], float]) -> Iterator[float]:
    """Yield waits in seconds, for ever: between half and the whole of a ceiling that doubles up to 2 s.

    ``random`` gives numbers from 0 to 1. Half of the ceiling is kept, so that a server under pressure
    is never asked again at once.
    """
    ceiling = _FIRST_S
    while True:
        yield ceiling * (0.5 + random() / 2)
        ceiling = min(ceiling * 2, _HIGHEST_S)


def retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for: a number of them, or an HTTP date.

    ``now`` is the wall clock in seconds since 1970. None when there is no header or it is neither.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None
