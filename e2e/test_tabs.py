"""Several tabs of one browser: one connection, one writer, a successor at once, and never two people."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocket, expect

from hearth_testing import journey
from hearth_testing.server import Hearth


class Frames:
    """The sockets that a page opened, and what it sent and got on them."""

    def __init__(self, page: Page) -> None:
        self.opened = 0
        self.sent: list[str] = []
        self.got: list[str] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        self.opened += 1
        socket.on("framesent", lambda frame: self.sent.append(str(frame)))
        socket.on("framereceived", lambda frame: self.got.append(str(frame)))


def second_tab(context: BrowserContext, hearth: Hearth) -> tuple[Page, Frames]:
    """Another tab of the account that stays signed in."""
    page = context.new_page()
    frames = Frames(page)
    page.goto(hearth.url)
    journey.wait_for_mark(page, "up-to-date")
    return page, frames


def test_one_tab_is_connected_and_the_others_follow_it(page: Page, context: BrowserContext, fresh: Hearth) -> None:
    journey.sign_in(page, fresh, stay=True)
    fresh.reset()
    other, frames = second_tab(context, fresh)
    expect(journey.chats(other)).to_have_count(12)
    expect(journey.status(other)).to_contain_text("Up to date")
    account = fresh.account()
    here = account["chats"][2]
    fresh.change(add_message={"chat_id": here["id"], "text": "Pushed to one, shown in all"})
    for each in (page, other):
        journey.open_chat(each, here["title"])
        expect(journey.messages(each).last).to_contain_text("Pushed to one, shown in all")
    fresh.change(rename_chat={"chat_id": here["id"], "title": "Renamed elsewhere"})
    for each in (page, other):
        expect(journey.heading(each)).to_have_text("Renamed elsewhere")
    gone = account["chats"][5]
    fresh.change(delete_chat=gone["id"])
    for each in (page, other):
        expect(journey.chat_link(each, gone["title"])).to_have_count(0)
    assert frames.opened == 0
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []


def test_closing_the_connected_tab_hands_over_and_nothing_travels_twice(
    page: Page, context: BrowserContext, fresh: Hearth, browser_name: str
) -> None:
    journey.sign_in(page, fresh, stay=True)
    other, frames = second_tab(context, fresh)
    fresh.reset()
    page.close()
    chat = fresh.account()["chats"][0]
    journey.open_chat(other, chat["title"])
    fresh.change(add_message={"chat_id": chat["id"], "text": "After the hand-over"})
    expect(journey.messages(other).last).to_contain_text("After the hand-over")
    expect(journey.status(other)).to_contain_text("Up to date")
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []
    if browser_name == "chromium":
        assert frames.opened
        assert not [frame for frame in frames.got if "_ready" in frame]


@pytest.mark.soak
def test_a_tab_that_hangs_loses_the_connection_to_one_that_is_looked_at(
    page: Page, context: BrowserContext, fresh: Hearth, browser_name: str
) -> None:
    if browser_name == "firefox":
        pytest.skip("tabs of one site share a process: they hang together")
    journey.sign_in(page, fresh, stay=True)
    other, frames = second_tab(context, fresh)
    fresh.reset()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/hang", hold)
    with page.expect_request("**/hang"):  # As long as it is not answered, nothing else runs in that page.
        page.evaluate(
            """
            () => void setTimeout(() => {
              const request = new XMLHttpRequest();
              request.open("GET", "/hang", false);
              request.send();
            })
            """
        )
    with other.expect_websocket(timeout=60_000):
        pass  # It takes as long as it takes until a browser says that a page does not respond.
    chats = fresh.account()["chats"]
    fresh.change(rename_chat={"chat_id": chats[3]["id"], "title": "Renamed while it hung"})
    expect(journey.chat_link(other, "Renamed while it hung")).to_be_visible()
    assert frames.opened == 1
    held[0].fulfill(body="")
    expect(journey.chat_link(page, "Renamed while it hung")).to_be_visible()
    fresh.change(rename_chat={"chat_id": chats[4]["id"], "title": "Renamed when it was back"})
    for each in (page, other):
        expect(journey.chat_link(each, "Renamed when it was back")).to_be_visible()
    assert frames.opened == 1
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []
