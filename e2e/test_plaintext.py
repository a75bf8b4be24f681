"""Marker text planted in every plaintext field is found on the screen and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocket, expect

from e2e.test_search import KEPT
from e2e.test_transfer import choose, chosen
from hearth_testing import journey
from hearth_testing.server import Hearth

MARKER = "Zanzibarquokka"


@pytest.mark.hearth("--messages", "4")
def test_no_plaintext_outside_memory_and_the_page(
    page: Page, fresh: Hearth, assert_no_plaintext: Callable[..., None]
) -> None:
    hearth = fresh
    file = {"name": f"{MARKER}-name.txt", "type": f"text/{MARKER}", "size": 1, "text": f"{MARKER}-extracted"}
    embed = {"url": f"https://{MARKER}.example/", "title": f"{MARKER}-embed", "description": f"{MARKER}-description"}
    made = hearth.change(
        add_chat={
            "title": f"{MARKER}-title",
            "draft": f"{MARKER}-draft",
            "messages": [{"text": f"{MARKER}-message", "files": [file], "embeds": [embed]}],
        }
    )
    hearth.change(set_setting={"app": f"{MARKER}-app", "name": f"{MARKER}-setting", "value": f"{MARKER}-value"})
    assert made
    console: list[str] = []
    frames: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(str(frame)))
        socket.on("framesent", lambda frame: frames.append(str(frame)))

    page.on("websocket", listen)
    journey.sign_in(page, hearth)
    journey.open_chat(page, f"{MARKER}-title")
    expect(journey.messages(page).last).to_contain_text(f"{MARKER}-message")
    expect(journey.messages(page).last).to_contain_text(f"{MARKER}-name.txt")
    expect(journey.messages(page).last).to_contain_text(f"{MARKER}-embed")
    # An assistant's answer is plaintext on its way: in the bodies of this one request, and nowhere else.
    posted: list[tuple[str, str]] = []
    page.on("request", lambda request: posted.append((request.url, request.post_data or "")))
    page.get_by_role("textbox", name="Message", exact=True).fill(f"{MARKER}-question")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Ask the assistant").click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    expect(journey.messages(page).last).to_have_accessible_name(re.compile("^Assistant"))
    expect(journey.messages(page).last).to_contain_text(f"{MARKER}-question")
    journey.wait_for_mark(page, "outbox-empty")
    journey.wait_for_mark(page, "search-ready")
    page.get_by_role("searchbox", name="Search").fill(MARKER)
    found = page.get_by_role("list", name="Search results").get_by_role("listitem")
    for part in ("title", "message", "question", "name.txt", "setting"):
        expect(found.filter(has_text=f"{MARKER}-{part}").first).to_be_visible()
    found.filter(has_text=f"{MARKER}-message").first.get_by_role("link").click()
    page.evaluate(KEPT)
    page.get_by_role("searchbox", name="Search").press("Escape")
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("region", name="Settings and memories")).to_contain_text(f"{MARKER}-value")
    choose(page, chosen(f"{MARKER}-imported", f"{MARKER}-line"))
    page.get_by_role("button", name="Import", exact=True).click()
    journey.wait_for_mark(page, "imported")
    expect(journey.chat_link(page, f"{MARKER}-imported")).to_be_visible()
    kept = journey.stored(page)
    stores = kept["databases"].items()
    names = {row["name"] for name, rows in stores if name.endswith(("/search", "/kept")) for row in rows}
    assert {"1", "recent", "view"} <= names, "index, recent searches and the last view are kept, and are looked through"
    hearth.stop()
    assert {url for url, body in posted if MARKER.lower() in body.lower()} == {
        f"{hearth.url.rstrip('/')}/api/assistant"
    }
    assert_no_plaintext(MARKER, allowed=["/api/assistant"])
    assert MARKER.lower() not in json.dumps(kept).lower()
    assert MARKER.lower() not in hearth.log.lower()
    assert hearth.password not in json.dumps(kept) + hearth.log.split("\n", 2)[-1] + "".join(console) + "".join(frames)


def test_a_normal_session_leaves_the_console_empty(page: Page, fresh: Hearth) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    journey.sign_in(page, fresh)
    journey.open_chat(page, fresh.account()["chats"][1]["title"])
    page.reload()
    journey.wait_for_mark(page, "up-to-date")
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    assert [each for each in said if not each.startswith(("debug:", "info:"))] == []
