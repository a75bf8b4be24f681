"""A page that the browser puts away, stops or loses: nothing readable stays in it, and the next tab is connected."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Error, Page, Route, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

DISPATCH = "(name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true }))"


@pytest.fixture
def with_hidden_tabs(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """A Chromium in which one tab is visible, as people have it: a tab that counts as visible is never frozen.

    In every context that Playwright makes all tabs are visible; only the browser's own, reached from outside, is left
    as it is.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [*browser_type_launch_args.get("args", []), f"--remote-debugging-port={port}"]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    yield browser_type.connect_over_cdp(f"http://127.0.0.1:{port}", no_defaults=True).contexts[0]
    browser.close()


def turn(page: Page, state: str) -> None:
    """Freeze a tab, once it is hidden, or make it active again."""
    if state == "frozen":
        page.evaluate(HIDDEN)
    page.context.new_cdp_session(page).send("Page.setWebLifecycleState", {"state": state})


HIDDEN = """
() => document.hidden || new Promise((resolve) => addEventListener("visibilitychange", resolve, { once: true }))
"""


def following(context: BrowserContext, hearth: Hearth) -> Page:
    """Another tab of the account, with its newest chat open."""
    page = context.new_page()
    page.goto(hearth.url)
    journey.wait_for_mark(page, "up-to-date")
    journey.open_chat(page, hearth.account()["chats"][0]["title"])
    return page


def assert_connected(page: Page, hearth: Hearth) -> None:
    """What changes elsewhere now is pushed to this page, and nothing has been read for that."""
    chat = hearth.account()["chats"][0]
    hearth.change(add_message={"chat_id": chat["id"], "text": "After the hand-over"})
    expect(journey.messages(page).last).to_contain_text("After the hand-over")
    assert [entry for entry in hearth.directus_log() if entry["method"] == "GET"] == []


def test_a_page_put_away_is_empty_and_begins_anew_when_it_is_shown_again(
    page: Page, context: BrowserContext, fresh: Hearth
) -> None:
    journey.sign_in(page, fresh, stay=True)
    title = journey.heading(page).inner_text()
    other = following(context, fresh)
    fresh.reset()
    page.evaluate(DISPATCH, "pagehide")
    assert title not in page.locator("body").inner_text()
    assert_connected(other, fresh)
    with page.expect_navigation():
        page.evaluate(DISPATCH, "pageshow")
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.heading(page)).not_to_be_empty()
    expect(journey.chats(page)).to_have_count(12)


@pytest.mark.only_browser("chromium")
def test_the_back_forward_cache_holds_the_page_and_shows_what_is_true_by_then(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], fresh: Hearth
) -> None:
    browser = browser_type.launch(**browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"])
    page = browser.new_page()
    page.add_init_script("addEventListener('pageshow', ({ persisted }) => { if (persisted) sessionStorage.kept = 1; })")
    journey.sign_in(page, fresh, until="checked")
    journey.wait_for_mark(page, "search-ready")  # a page that works on its database is not kept
    page.goto(f"{fresh.url}/control/accounts")
    fresh.change(add_chat={"title": "Made meanwhile", "messages": []})
    page.evaluate("() => { history.back(); }")
    expect(journey.chat_link(page, "Made meanwhile")).to_have_count(1)
    reasons = page.evaluate("() => JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons)")
    assert page.evaluate("() => sessionStorage.kept") == "1", reasons
    page.goto(f"{fresh.url}/control/accounts")
    page.context.clear_cookies()
    page.evaluate("() => { history.back(); }")
    expect(page.get_by_role("alert")).to_contain_text("session has ended")
    expect(journey.chats(page)).to_have_count(0)
    browser.close()


@pytest.mark.only_browser("chromium")
def test_a_tab_that_starts_beside_one_that_is_frozen_leaves_it_everything(
    with_hidden_tabs: BrowserContext, fresh: Hearth
) -> None:
    page = with_hidden_tabs.new_page()
    journey.sign_in(page, fresh, until="checked")  # what the checks found is stored, too
    journey.wait_for_mark(page, "search-ready")
    title = fresh.account()["chats"][3]["title"]
    journey.open_chat(page, title)
    other = with_hidden_tabs.new_page()
    stored = {name: len(rows) for name, rows in journey.stored(page)["databases"].items()}
    fresh.reset()
    turn(page, "frozen")
    other.goto(fresh.url)
    expect(other.get_by_role("alert")).to_contain_text("Hearth is open in another tab")
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()
    here = journey.stored(other)
    assert {name: len(rows) for name, rows in here["databases"].items()} == stored
    assert len(here["caches"]["hearth-halves"]) == 1
    with page.expect_navigation():
        turn(page, "active")
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.heading(page)).to_have_text(title)
    expect(journey.messages(page).last).to_be_visible()
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []


HANG = """
() => setTimeout(() => {
  const request = new XMLHttpRequest();
  request.open("GET", "/until-it-is-answered", false);
  request.send();
})
"""
"""The page hangs until the test answers."""


@pytest.mark.soak
@pytest.mark.only_browser("chromium")
def test_a_tab_that_starts_beside_one_that_hangs_leaves_it_everything(
    new_context: Callable[..., BrowserContext], fresh: Hearth
) -> None:
    context = new_context(service_workers="block")
    page, other = context.new_page(), context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/until-it-is-answered", hold)
    journey.sign_in(page, fresh)
    title = fresh.account()["chats"][3]["title"]
    fresh.reset()
    with page.expect_request("**/until-it-is-answered"):
        page.evaluate(HANG)
    other.goto(fresh.url)
    expect(other.get_by_role("alert")).to_contain_text("Hearth is open in another tab")
    assert len(journey.stored(other)["caches"]["hearth-halves"]) == 1
    held[0].fulfill(body="")
    journey.open_chat(page, title)
    expect(journey.messages(page).last).to_be_visible()
    expect(journey.status(page)).to_have_text("Up to date")
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []


@pytest.mark.only_browser("chromium")
def test_a_connected_tab_that_is_frozen_hands_over(with_hidden_tabs: BrowserContext, fresh: Hearth) -> None:
    page = with_hidden_tabs.new_page()
    journey.sign_in(page, fresh, stay=True)
    other = following(with_hidden_tabs, fresh)
    fresh.reset()
    with other.expect_websocket():
        turn(page, "frozen")
    assert_connected(other, fresh)


@pytest.mark.only_browser("chromium")
def test_a_connected_tab_that_crashes_hands_over(page: Page, context: BrowserContext, fresh: Hearth) -> None:
    journey.sign_in(page, fresh, stay=True)
    other = following(context, fresh)
    fresh.reset()
    with other.expect_websocket(), page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    assert_connected(other, fresh)
