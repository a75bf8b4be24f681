"""The text of counters and histograms, as Prometheus reads it."""

from __future__ import annotations

import re

from server_mock.protocol.metrics import SECONDS, Count, Histogram, Metrics

LINE = re.compile(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? [0-9.]+')


def test_a_counter() -> None:
    count = Count("made_total", "Things that were made.", "kind", "size")
    count.add("b", "1")
    count.add("a", "2")
    count.add("a", "2")
    assert list(count.lines()) == [
        "# HELP made_total Things that were made.",
        "# TYPE made_total counter",
        'made_total{kind="a",size="2"} 2',
        'made_total{kind="b",size="1"} 1',
    ]


def test_a_counter_without_labels() -> None:
    count = Count("made_total", "Things that were made.")
    count.add()
    assert list(count.lines())[-1] == "made_total 1"


def test_each_bucket_of_a_histogram_counts_those_before_it() -> None:
    took = Histogram("took_seconds", "How long it took.", "method")
    for seconds in (0.001, SECONDS[0], 0.02, 99.0):
        took.add(seconds, "GET")
    lines = list(took.lines())
    assert lines[1] == "# TYPE took_seconds histogram"
    assert lines[2] == 'took_seconds_bucket{method="GET",le="0.005"} 2'
    assert lines[4] == 'took_seconds_bucket{method="GET",le="0.025"} 3'
    assert lines[-3:] == [
        'took_seconds_bucket{method="GET",le="+Inf"} 4',
        'took_seconds_sum{method="GET"} 99.026000',
        'took_seconds_count{method="GET"} 4',
    ]


def test_every_line_has_the_form_of_the_format() -> None:
    metrics = Metrics()
    metrics.requests.add("/api/sign-in", "200")
    metrics.directus.add(0.5, "GET", "200")
    metrics.connections = lambda: {"websocket": 2, "polled": 0}
    text = metrics.text()
    assert text.endswith("\n")
    for line in text.splitlines():
        assert LINE.fullmatch(line), line
    assert 'hearth_connections{transport="websocket"} 2' in text
