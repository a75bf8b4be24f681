"""Behind a proxy that lets no WebSocket through, everything works over HTTP, and the page says that it does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

BLOCKED = "Up to date. The live connection is blocked here, so Hearth syncs over HTTP instead."


@pytest.mark.parametrize("fault", ["refuse_websocket", pytest.param("silence_websocket", marks=pytest.mark.soak)])
def test_a_whole_visit_without_a_websocket(page: Page, fresh: Hearth, fault: str) -> None:
    fresh.fault(**{fault: True})
    page.goto(fresh.url)
    page.evaluate(
        """
        () => {
          globalThis.seen = new Set();
          const look = () => globalThis.seen.add(document.body.innerText);
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
        }
        """
    )
    journey.fill_in(page, fresh)
    page.get_by_role("button", name="Sign in").click()
    expect(journey.status(page)).to_have_text(BLOCKED, timeout=30_000)
    expect(journey.chats(page)).to_have_count(len(fresh.account()["chats"]))
    expect(journey.messages(page).first).to_be_visible()
    seen = "".join(page.evaluate("() => [...globalThis.seen]"))
    assert "No chats yet" not in seen
    assert "Offline" not in seen
    fresh.change(rename_chat={"title": "Renamed on another device"})
    expect(journey.chat_link(page, "Renamed on another device")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    assert journey.stored(page)["databases"] == {}
