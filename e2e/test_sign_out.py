"""Signing out leaves nothing behind, in any tab; "Stay signed in" survives a restart, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

EMPTY: dict[str, Any] = {"databases": {}, "session": {}, "local": {}}


def left(page: Page) -> dict[str, Any]:
    """What is stored, without the page's own cache."""
    kept = journey.stored(page)
    caches = kept.pop("caches")
    assert "hearth-halves" not in caches
    assert not any("/api/" in path for paths in caches.values() for path in paths)
    return kept


def test_what_the_browser_removed_with_the_half_of_the_key_is_explained(page: Page, fresh: Hearth) -> None:
    for stay in (True, False):
        journey.sign_in(page, fresh, stay=stay)
        assert_removal_is_explained(page, fresh)
        journey.sign_out(page)


def assert_removal_is_explained(page: Page, fresh: Hearth) -> None:
    """Take away what a browser that tidies up takes, and come back."""
    page.goto(f"{fresh.url}/control/accounts")  # What is removed under its eyes the page would answer at once.
    page.evaluate(
        """
        async () => {
          for (const name of await caches.keys()) await caches.delete(name);
          for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
        }
        """
    )
    page.goto(fresh.url)
    expect(page.get_by_role("alert")).to_contain_text("this browser removed it")
    assert left(page) == EMPTY
    journey.fill_in(page, fresh)
    page.get_by_role("button", name="Sign in").click()
    expect(journey.status(page)).to_contain_text("Up to date")


@pytest.mark.parametrize("stay", [True, False])
def test_a_press_before_python_has_come_back_is_kept(
    new_context: Callable[..., BrowserContext], fresh: Hearth, stay: bool
) -> None:
    page = new_context(service_workers="block").new_page()
    journey.sign_in(page, fresh, stay=stay)
    title = journey.heading(page).inner_text()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/-/(snapshot|pyodide)"), hold)
    page.reload(wait_until="commit")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_function("() => localStorage.getItem('hearth.wiping') !== null")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert "python-ready" not in journey.marks(page)
    if stay:  # What was begun is finished, whatever becomes of the page in which it was.
        page.unroute_all()
        page.reload()
    else:
        for route in held:
            route.continue_()
        page.unroute_all()
        journey.wait_for_mark(page, "signed-out")
    journey.wait_for_mark(page, "python-ready")
    page.wait_for_function("() => localStorage.getItem('hearth.wiping') === null")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.wait_for_function("() => document.cookie === ''")
    assert left(page) == EMPTY
    assert title not in page.content()
    assert page.request.get(f"{fresh.url}/api/session").status == 401


def test_a_sign_out_cut_short_is_finished_by_the_next_start_though_the_key_is_back(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    title = journey.heading(page).inner_text()
    key = page.evaluate("() => sessionStorage.getItem('hearth.key')")
    page.evaluate("() => { IDBFactory.prototype.deleteDatabase = () => new EventTarget(); }")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_function("() => localStorage.getItem('hearth.wiping') !== null && sessionStorage.length === 0")
    assert journey.stored(page)["databases"], "it is cut short"
    page.evaluate("(key) => sessionStorage.setItem('hearth.key', key)", key)
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert title not in page.content()
    journey.wait_for_mark(page, "python-ready")
    page.wait_for_function("() => localStorage.getItem('hearth.wiping') === null")
    assert left(page) == EMPTY


def test_what_another_page_holds_is_reported_and_goes_with_that_page(
    page: Page, context: BrowserContext, fresh: Hearth
) -> None:
    journey.sign_in(page, fresh)
    holder = context.new_page()
    holder.goto(f"{fresh.url}/no-such-page")  # Text of this origin: JSON is shown by Firefox as a page of its own.
    hold = """
    async () => {
      globalThis.held = [];  // A connection that nothing refers to may be closed at any time.
      for (const { name } of await indexedDB.databases()) {
        await new Promise((resolve) => {
          const request = indexedDB.open(name);
          request.onsuccess = () => { held.push(request.result); resolve(); };
        });
      }
      return held.length;
    }
    """
    assert holder.evaluate(hold) > 0
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_contain_text("Close Hearth's other tabs", timeout=30_000)
    assert "signed-out" not in journey.marks(page)
    holder.close()
    journey.wait_for_mark(page, "signed-out")
    expect(page.get_by_role("alert")).to_contain_text("Nothing is left")
    assert left(page) == EMPTY


def test_a_server_that_refuses_the_sign_out_is_told_at_the_next_start(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    page.route("**/api/sign-out", lambda route: route.fulfill(status=500, json={}))
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    expect(page.get_by_role("alert")).to_contain_text("The server could not be told")
    assert left(page) == EMPTY
    assert page.request.get(f"{fresh.url}/api/session").status == 204
    page.unroute("**/api/sign-out")
    with page.expect_response("**/api/sign-out"):
        page.reload()
    page.wait_for_function("() => document.cookie === ''")  # Python hears of the answer a moment after the browser.
    assert page.request.get(f"{fresh.url}/api/session").status == 401
    assert not any(cookie["name"] == "hearth_unended" for cookie in page.context.cookies())
