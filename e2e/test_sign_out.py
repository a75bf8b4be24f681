"""Signing out leaves nothing behind, in any tab; "Stay signed in" survives a restart, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from e2e import journey
from e2e.server import Hearth

EMPTY: dict[str, Any] = {"databases": {}, "session": {}, "local": {}}


def left(page: Page) -> dict[str, Any]:
    """What is stored, without the page's own cache."""
    kept = journey.stored(page)
    assert not any("/api/" in path for paths in kept.pop("caches").values() for path in paths)
    return kept


def test_signing_out_leaves_nothing(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    title = journey.heading(page).inner_text()
    assert journey.stored(page)["databases"]
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert left(page) == EMPTY
    assert title not in page.content()
    assert title not in page.title()
    assert page.request.get(f"{fresh.url}/api/session").status == 401


def test_signing_out_works_with_the_server_gone(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    fresh.stop()
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    assert left(page) == EMPTY


def test_every_tab_is_signed_out(page: Page, context: BrowserContext, fresh: Hearth) -> None:
    journey.sign_in(page, fresh, stay=True)
    other = context.new_page()
    other.goto(fresh.url)
    journey.wait_for_mark(other, "up-to-date")
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()
    journey.wait_for_mark(other, "signed-out")
    assert left(page) == EMPTY
    assert left(other) == EMPTY


def test_after_signing_out_the_next_person_starts_clean(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    expect(page.get_by_role("textbox", name="Password")).to_have_value("")
    journey.fill_in(page, fresh)
    page.get_by_role("button", name="Sign in").click()
    expect(journey.status(page)).to_contain_text("Up to date")


@pytest.mark.parametrize("stay", [True, False])
def test_only_staying_signed_in_survives_a_restart(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path: Path,
    fresh: Hearth,
    stay: bool,
) -> None:
    def opened() -> tuple[BrowserContext, Page]:
        context = browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args)
        return context, context.new_page()

    context, page = opened()
    journey.sign_in(page, fresh, stay=stay)
    context.close()
    context, page = opened()
    page.goto(fresh.url)
    if stay:
        journey.wait_for_mark(page, "up-to-date")
        expect(journey.chats(page)).to_have_count(12)
    else:
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        journey.wait_for_mark(page, "python-ready")
    context.close()


def test_a_session_that_has_ended_signs_out_and_says_so(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("session has ended")
    assert left(page) == EMPTY
