"""What an earlier build has left on a device is taken over: nobody is signed out, and nothing is fetched again."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from e2e.devices import kept
from e2e.test_sign_out import EMPTY, left
from hearth.testing.cpython_cipher import CryptographyCipher
from hearth_testing import journey
from hearth_testing.server import Hearth
from runtime.paths import ROOT

NO_RECORDS = {"up_to_date", "pong"}
"""The server's events that bring nothing that is stored."""


@pytest.fixture
def hearth(serve: Callable[..., Hearth], tmp_path: Path) -> Hearth:
    """A server with the data that the recorded devices stand at, its collections brought in step."""
    data = ("--data", str(kept.server_data(tmp_path)))
    subprocess.run([sys.executable, "-m", "server_mock", "migrate", *data], cwd=ROOT, check=True, capture_output=True)
    return serve(*kept.OPTIONS, *data)


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page that no service worker stands before."""
    return new_context(service_workers="block").new_page()


def begin_session(page: Page, hearth: Hearth, stay: bool) -> None:
    """Let the server know the recorded device: the session that it had has expired since."""

    def post(path: str, **body: Any) -> dict[str, Any]:
        answer = page.request.post(f"{hearth.url}/api/{path}", data=body)
        assert answer.ok
        return dict(answer.json())

    challenge = post("challenge", email=hearth.email)
    salt = base64.b64decode(challenge["salt"])
    derived = CryptographyCipher().derive_now(hearth.password.encode(), salt, challenge["iterations"])
    post("sign-in", email=hearth.email, lookup_hash=derived.lookup_hash, stay=stay)


def with_recorded(page: Page, hearth: Hearth, way: str) -> tuple[dict[str, Any], list[str]]:
    """Put a recorded device under the page: what it holds, and the events that will come over the socket."""
    recorded = kept.recorded(way)
    blank = f"{hearth.url}/blank.html"
    page.route(blank, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(blank)
    kept.write(page, recorded)
    events: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: events.append(json.loads(payload)["event"]))

    page.on("websocket", listen)
    return recorded, events


def rows(device: dict[str, Any]) -> dict[str, Any]:
    """The records by their object store: what has come from the server."""
    (stores,) = (each["stores"] for each in device["databases"].values() if "chats" in each["stores"])
    return {name: stores[name]["rows"] for name in ("chats", "messages", "settings_and_memories")}


def entries(device: dict[str, Any]) -> dict[str, set[str]]:
    """The names in session and in local storage."""
    return {name: set(device[name]) for name in ("session", "local")}


@pytest.mark.parametrize("way", ["leave", "stay"])
def test_a_device_of_an_earlier_build_goes_on_as_it_was(page: Page, hearth: Hearth, way: str) -> None:
    recorded, events = with_recorded(page, hearth, way)
    begin_session(page, hearth, stay=way == "stay")
    for _ in range(2):
        page.goto(hearth.url)
        journey.wait_for_mark(page, "checked")
        journey.wait_for_mark(page, "search-ready")
        expect(journey.status(page)).to_have_text("Up to date")
        expect(journey.chats(page)).to_have_count(4)
        expect(page.get_by_role("alert")).to_have_count(0)
        assert "warm" not in journey.marks(page)
    assert "up_to_date" in events
    assert set(events) <= NO_RECORDS, "no record has come again"
    now = kept.read(page)
    assert rows(now) == rows(recorded)
    assert entries(now) == entries(recorded)
    assert now["caches"] == recorded["caches"], "the key opened with the share that was there"
    journey.sign_out(page)
    assert left(page) == EMPTY


def test_a_device_that_an_earlier_build_has_locked_goes_on_with_the_password(page: Page, hearth: Hearth) -> None:
    recorded, events = with_recorded(page, hearth, "locked")
    page.goto(hearth.url)
    expect(page.get_by_role("alert")).to_contain_text("Sign in again to go on where you were")
    expect(page.get_by_role("textbox", name="Email")).to_have_value(hearth.email)
    page.get_by_role("textbox", name="Password").fill(hearth.password)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "checked")
    expect(journey.chats(page)).to_have_count(4)
    assert "warm" not in journey.marks(page)
    assert set(events) <= NO_RECORDS
    assert rows(kept.read(page)) == rows(recorded)
    journey.sign_out(page)
    assert left(page) == EMPTY
