"""Searching: from a keystroke to the message, by mouse and by keyboard, live, across reloads, and gone at the end."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from e2e import journey
from e2e.server import Hearth


def field(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search")


def results(page: Page) -> Locator:
    return page.get_by_role("list", name="Search results").get_by_role("listitem")


def ready(page: Page, hearth: Hearth) -> None:
    journey.sign_in(page, hearth, until="search-ready")


def test_a_result_opens_the_chat_at_the_message_and_marks_it(page: Page, fresh: Hearth) -> None:
    texts = [f"filler number {at}" for at in range(150)]
    texts[30] = "The kettle in the hut is broken: Größenwahn"
    fresh.change(add_chat={"title": "Packing list", "messages": texts})
    ready(page, fresh)
    field(page).fill("grossenw")
    expect(results(page)).to_have_count(1)
    expect(results(page)).to_contain_text("The kettle in the hut is broken: Größenwahn")
    expect(results(page).locator("mark")).to_have_text("Größenw")
    results(page).get_by_role("link").click()
    expect(journey.heading(page)).to_have_text("Packing list")
    found = journey.messages(page).filter(has_text="Größenwahn")
    expect(found).to_be_in_viewport()
    expect(found).to_be_focused()
    expect(results(page)).to_have_count(1)

    page.get_by_role("button", name="Jump to latest").click()
    expect(journey.messages(page).last).to_contain_text("filler number 149")
    expect(journey.messages(page).last).to_be_in_viewport()
