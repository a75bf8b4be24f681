"""An account of 300 chats: what is here is counted; older chats are listed on demand, and fetched when opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth


@pytest.fixture
def large(serve: Callable[..., Hearth]) -> Hearth:
    """A server with 300 chats of a few messages."""
    return serve("--chats", "300", "--messages", "2")


def more(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Chats").get_by_role("button", name="Show older chats")


def test_older_chats_are_listed_and_opened(page: Page, large: Hearth) -> None:
    chats = large.account()["chats"]
    journey.sign_in(page, large)
    nav = page.get_by_role("navigation", name="Chats")
    expect(nav).to_contain_text("100 of 300 chats are on this device")
    for listed in (200, 300):
        large.reset()
        more(page).press("Enter")
        expect(journey.chats(page)).to_have_count(listed)
        assert [entry["collection"] for entry in large.directus_log()] == ["chats"]
    expect(more(page)).to_be_hidden()
    expect(nav).to_be_focused()
    expect(nav).to_contain_text("100 of 300 chats are on this device")
    oldest = chats[-1]
    nav.locator(f"[data-chat-id='{oldest['id']}']").click()
    expect(journey.heading(page)).to_have_text(oldest["title"])
    expect(journey.messages(page)).to_have_count(len(oldest["messages"]))
    expect(nav).to_contain_text("101 of 300 chats are on this device")
    expect(journey.status(page)).to_have_text("Up to date")
    page.reload()
    journey.wait_for_mark(page, "checked")
    expect(journey.chats(page)).to_have_count(300)
    expect(journey.messages(page)).to_have_count(len(oldest["messages"]))
    expect(nav).to_contain_text("101 of 300 chats are on this device")
    expect(journey.status(page)).to_have_text("Up to date")
    expect(nav.locator(".flag")).to_have_count(0)
