"""What the server counts of itself, and its text for Prometheus (exposition format 0.0.4).

A few lines of our own rather than a library: counters and a histogram with labels from closed lists need no registry
for the whole process, and the format is a line for each value. No label and no value says anything of a person: there
are no accounts, addresses, ids or texts, and routes are the server's own names, never what somebody asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds of a histogram's buckets, in seconds."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[str, ...]


class Count:
    """A counter with labels."""

    def __init__(self, name: str, says: str, *labels: str) -> None:
        self.name, self.says, self.labels = name, says, labels
        self._values: Counter[Labels] = Counter()

    def add(self, *values: str) -> None:
        """Count one time."""
        self._values[values] += 1

    def lines(self) -> Iterator[str]:
        """Its text."""
        yield from _head(self.name, self.says, "counter")
        for values, number in sorted(self._values.items()):
            yield f"{self.name}{_labels(self.labels, values)} {number}"


class Histogram:
    """How long something took, with labels."""

    def __init__(self, name: str, says: str, *labels: str) -> None:
        self.name, self.says, self.labels = name, says, labels
        self._buckets: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def add(self, seconds: float, *values: str) -> None:
        """Note one time that it took so long."""
        buckets = self._buckets.setdefault(values, [0] * (len(SECONDS) + 1))
        buckets[bisect_left(SECONDS, seconds)] += 1
        self._sums[values] = self._sums.get(values, 0.0) + seconds

    def lines(self) -> Iterator[str]:
        """Its text: each bucket counts those before it, too."""
        yield from _head(self.name, self.says, "histogram")
        for values, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, number in zip((*map(str, SECONDS), "+Inf"), buckets, strict=True):
                total += number
                yield f"{self.name}_bucket{_labels((*self.labels, 'le'), (*values, bound))} {total}"
            yield f"{self.name}_sum{_labels(self.labels, values)} {self._sums[values]:.6f}"
            yield f"{self.name}_count{_labels(self.labels, values)} {total}"


class Metrics:
    """Everything that is counted; `connections` says how many there are of each kind now."""

    def __init__(self) -> None:
        self.requests = Count("hearth_http_requests_total", "HTTP requests.", "route", "status")
        self.received = Count("hearth_frames_received_total", "Frames that devices sent.", "event")
        self.sent = Count("hearth_frames_sent_total", "Frames that were sent to devices.", "event")
        self.warmings = Count("hearth_warmings_total", "Warmings that were begun.")
        self.refusals = Count("hearth_refusals_total", "Writes that were refused.", "reason")
        self.directus = Histogram("hearth_directus_seconds", "Requests to Directus.", "method", "status")
        self.connections: Callable[[], Mapping[str, int]] = dict

    def text(self) -> str:
        """All of it."""
        lines: list[str] = []
        for each in (self.requests, self.received, self.sent, self.warmings, self.refusals, self.directus):
            lines += each.lines()
        name = "hearth_connections"
        lines += _head(name, "Devices that are connected.", "gauge")
        lines += [f"{name}{_labels(('transport',), (kind,))} {number}" for kind, number in self.connections().items()]
        return "\n".join(lines) + "\n"


def _head(name: str, says: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"


def _labels(names: Labels, values: Labels) -> str:
    """Labels as text; the values come from closed lists, and have nothing in them that would need an escape."""
    pairs = ",".join(f'{name}="{value}"' for name, value in zip(names, values, strict=True))
    return f"{{{pairs}}}" if pairs else ""
