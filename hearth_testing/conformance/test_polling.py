"""Frames without a WebSocket: the same connection, by POST and long polling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearth.core.protocol import codec, device_events
from hearth.core.protocol.server_events import Pong, ServerEvent, WarmingComplete
from hearth_testing.conformance.client import Browser, Person, read

LINES = {"Content-Type": "application/x-ndjson"}


class Polled:
    """A polled connection."""

    def __init__(self, person: Person, browser: Browser) -> None:
        self.browser = browser
        answer = browser.post("/api/poll/open", {"account": person.account})
        assert answer.status_code == 200, answer.text
        self.id = answer.json()["connection"]
        self.sent, self.cursor = 0, 0

    def send(self, *frames: device_events.DeviceEvent, first: int | None = None) -> dict[str, Any]:
        """Send frames; what the server has taken by then."""
        head = {"connection": self.id, "first": self.sent + 1 if first is None else first}
        lines = "\n".join([json.dumps(head), *(codec.write_device_frame(each) for each in frames)])
        answer = self.browser.http.post("/api/poll/send", content=lines.encode(), headers=LINES)
        if answer.status_code == 200:
            self.sent = answer.json()["received"]
        return {"status": answer.status_code, **answer.json()}

    def poll(self, after: int | None = None) -> list[ServerEvent]:
        """The next frames, or those after a number."""
        body = {"connection": self.id, "after": self.cursor if after is None else after}
        head, *frames = self.browser.post("/api/poll", body).text.split("\n")
        self.cursor = json.loads(head)["cursor"]
        return [read(frame)[0] for frame in frames if frame]

    def poll_until(self, kind: type[ServerEvent]) -> list[ServerEvent]:
        """Frames up to one of a kind."""
        found: list[ServerEvent] = []
        while not any(isinstance(event, kind) for event in found):
            found += self.poll()
        return found


@pytest.fixture
def polled(person: Person) -> Polled:
    """A polled connection of somebody with a new account."""
    return Polled(person, person.sign_in())


def test_the_same_frames_come_by_polling(person: Person, polled: Polled) -> None:
    polled.send(device_events.Hello(device_id="polled"))
    found = polled.poll_until(WarmingComplete)
    assert [event.name for event in found] == [event.name for event in person.warmed().events]
    assert [event.seq for event in found] == list(range(1, len(found) + 1))
    assert polled.cursor == len(found)


def test_what_is_repeated_is_taken_once_and_comes_again(polled: Polled) -> None:
    assert polled.send(device_events.Hello(device_id="polled")) == {"status": 200, "received": 1}
    assert polled.send(device_events.Hello(device_id="polled"), first=1) == {"status": 200, "received": 1}
    first = polled.poll()
    assert polled.poll(after=0)[: len(first)] == first
    polled.send(device_events.Ping(), device_events.Ping())
    found = polled.poll_until(Pong)
    while sum(isinstance(event, Pong) for event in found) < 2:
        found += polled.poll()
    assert [type(event) for event in found].count(Pong) == 2


def test_a_number_that_does_not_follow_is_refused(polled: Polled) -> None:
    assert polled.send(device_events.Hello(device_id="polled"), first=3)["status"] == 409
    ahead = polled.browser.post("/api/poll", {"connection": polled.id, "after": 1000})
    assert ahead.status_code == 409


def test_a_connection_that_was_closed_is_not_there(polled: Polled) -> None:
    polled.send(device_events.Hello(device_id="polled"))
    assert polled.browser.post("/api/poll/close", {"connection": polled.id}).status_code == 204
    assert polled.browser.post("/api/poll", {"connection": polled.id, "after": 0}).status_code == 404
    assert polled.browser.post("/api/poll", {"connection": "nonsense", "after": 0}).status_code == 404
