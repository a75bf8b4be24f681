"""The request log: bounded, in the order of the starts, and its entries are nobody else's to change."""

from __future__ import annotations

import json

from server_mock.directus.request_log import RequestLog


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_attempt_is_logged_from_its_start() -> None:
    clock = Clock()
    log = RequestLog(clock)
    clock.now += 0.5
    finish = log.start("GET", "chats", {"limit": 1})
    (entry,) = log.entries()
    assert (entry["n"], entry["started_ms"], entry["finished_ms"], entry["status"]) == (1, 500.0, None, None)
    clock.now += 0.25
    finish(200, 3, 99)
    (entry,) = log.entries()
    assert (entry["finished_ms"], entry["status"], entry["rows"], entry["bytes"]) == (750.0, 200, 3, 99)
    json.dumps(log.entries())


def test_what_is_under_way_at_a_reset_does_not_appear_when_it_ends() -> None:
    log = RequestLog(Clock())
    finish = log.start("GET", "chats", {})
    log.reset()
    finish(200, 1)
    assert log.entries() == []
    log.start("GET", "users", {})
    assert [entry["n"] for entry in log.entries()] == [1]


def test_older_entries_fall_out_and_numbers_go_on() -> None:
    log = RequestLog(Clock(), max_entries=2)
    for _ in range(3):
        log.start("GET", "chats", {})
    assert [entry["n"] for entry in log.entries()] == [2, 3]


def test_nobody_changes_what_is_logged() -> None:
    log, query = RequestLog(Clock()), {"filter": {"id": "a"}}
    log.start("GET", "chats", query)
    query["filter"]["id"] = "b"
    log.entries()[0]["query"]["filter"]["id"] = "c"
    assert log.entries()[0]["query"] == {"filter": {"id": "a"}}
