"""Searching: from a keystroke to the message, by mouse and by keyboard, live, across reloads, and gone at the end."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, Page, expect

from e2e.test_accessibility import NARROW, WIDE, assert_accessible
from hearth_testing import journey
from hearth_testing.server import Hearth

KEPT = """
async () => {
  const found = (await indexedDB.databases()).find(({ name }) => name.startsWith("hearth:"));
  const db = await new Promise((resolve) => {
    indexedDB.open(found.name).onsuccess = ({ target }) => resolve(target.result);
  });
  const count = (store) => new Promise((resolve) => {
    db.transaction(store).objectStore(store).count().onsuccess = ({ target }) => resolve(target.result);
  });
  while ((await count("search")) === 0 || (await count("unindexed")) > 0) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  db.close();
}
"""
"""Waits until the index is kept, and nothing is marked as not in it."""


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


def test_the_keyboard_leads_from_the_field_through_the_results_and_back(page: Page, fresh: Hearth) -> None:
    fresh.change(add_chat={"title": "Quince jelly", "messages": ["Quince one", "Quince two"]})
    ready(page, fresh)
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    page.keyboard.type("quince")
    expect(results(page)).to_have_count(3)
    expect(page.locator("#found-count")).to_have_text("Found 1 chat, 2 messages.")
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(0).get_by_role("link")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(1).get_by_role("link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(journey.heading(page)).to_have_text("Quince jelly")
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("")
    expect(journey.chats(page).first).to_be_visible()

    page.keyboard.press("Control+k")
    recent = page.get_by_role("list", name="Recent searches")
    expect(recent.get_by_role("button")).to_have_text(["quince"])
    recent.get_by_role("button").click()
    expect(results(page)).to_have_count(3)
    field(page).fill("")
    page.get_by_role("button", name="Clear").click()
    expect(recent).to_have_count(0)
    page.reload()
    journey.wait_for_mark(page, "search-ready")
    field(page).click()
    expect(page.get_by_role("list", name="Narrow it down")).to_be_visible()
    expect(recent).to_have_count(0)


def test_an_open_search_follows_what_happens_elsewhere(page: Page, fresh: Hearth) -> None:
    ready(page, fresh)
    field(page).fill("Rumpelstiltskin")
    expect(page.get_by_text("Nothing found", exact=True)).to_be_visible()
    fresh.change(add_chat={"title": "Tales", "messages": ["Rumpelstiltskin is my name"]})
    expect(results(page)).to_have_count(1)
    tales = next(chat["id"] for chat in fresh.account()["chats"] if chat["title"] == "Tales")
    fresh.change(delete_chat=tales)
    expect(results(page)).to_have_count(0)


def test_a_reload_opens_nothing_again_and_is_ready(page: Page, fresh: Hearth) -> None:
    fresh.change(add_chat={"title": "Tales", "messages": ["Rumpelstiltskin is my name"]})
    ready(page, fresh)
    page.evaluate(KEPT)
    page.reload()
    journey.wait_for_mark(page, "search-ready")
    field(page).fill("rumpel")
    expect(results(page)).to_have_count(1)


def test_dark_is_found_applied_and_comes_to_the_other_device(page: Page, browser: Browser, fresh: Hearth) -> None:
    ready(page, fresh)
    page.emulate_media(color_scheme="light")
    field(page).fill("dark")
    results(page).get_by_role("button", name="Theme: Dark").click()
    expect(page.locator("html[data-theme=dark]")).to_have_count(1)
    expect(results(page).get_by_role("button", name="Theme: Dark", pressed=True)).to_have_count(1)
    context = browser.new_context(color_scheme="light")
    other = context.new_page()
    journey.sign_in(other, fresh)
    expect(other.locator("html[data-theme=dark]")).to_have_count(1)
    other.get_by_role("button", name="Settings and memories").click()
    theme = other.get_by_role("group", name="Theme")
    expect(theme.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    theme.get_by_role("button", name="Light").click()
    expect(page.locator("html[data-theme=light]")).to_have_count(1)
    context.close()
    page.reload()
    expect(page.locator("html[data-theme=light]")).to_have_count(1)
    journey.wait_for_mark(page, "up-to-date")
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    expect(page.locator("html[data-theme]")).to_have_count(0)


def test_quick_access_leads_to_a_setting_and_to_an_entry(page: Page, fresh: Hearth) -> None:
    ready(page, fresh)
    field(page).fill("recent searches")
    results(page).get_by_role("button", name="Recent searches").first.click()
    region = page.get_by_role("region", name="Settings and memories")
    expect(region.locator("#place-recent")).to_be_focused()
    field(page).fill("penicillin")
    results(page).get_by_role("button", name="Allergy").click()
    expect(region.locator(".entry:focus")).to_contain_text("Penicillin; hazelnuts only raw")


def test_a_hidden_app_is_not_found(page: Page, fresh: Hearth) -> None:
    ready(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    eye = page.get_by_role("button", name="Hide Health from search")
    eye.click()
    expect(eye).to_have_attribute("aria-pressed", "true")
    field(page).fill("in:memories penicillin")
    expect(page.get_by_text("Nothing found", exact=True)).to_be_visible()
    eye.click()
    expect(results(page)).to_have_count(1)


def test_whatever_is_typed_searches_for_what_can_be_searched(page: Page, fresh: Hearth) -> None:
    fresh.change(add_chat={"title": "Odd", "messages": ['She said "go" and ( left 🎉']})
    ready(page, fresh)
    for text in ('"', "((((", "NEAR(AND OR", "x" * 10_240, "-", "🎉", '"go" AND', "\u202e", "a" * 30 + " " * 9_000):
        field(page).fill(text)
        expect(page.locator("#find")).to_be_visible()
    field(page).fill('((said "go" 🎉')
    expect(results(page).filter(has_text="She said")).to_have_count(1)


def test_on_a_phone_the_results_are_there_when_the_chat_is_left(page: Page, fresh: Hearth) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    fresh.change(add_chat={"title": "Quince jelly", "messages": ["Quince one"]})
    ready(page, fresh)
    page.get_by_role("button", name="Back to chats").click()
    field(page).fill("quince")
    results(page).filter(has_text="Quince one").get_by_role("link").click()
    expect(journey.heading(page)).to_have_text("Quince jelly")
    expect(field(page)).to_be_hidden()
    page.get_by_role("button", name="Back to chats").click()
    expect(results(page)).to_have_count(2)


def test_search_is_accessible_empty_with_results_and_without(page: Page, fresh: Hearth) -> None:
    fresh.change(set_setting={"app": "Kitchen", "name": "Quince", "value": "jelly"})
    file = {"name": "quince.pdf", "type": "application/pdf", "size": 1, "text": "quince"}
    fresh.change(add_chat={"title": "Quince", "draft": "quince", "messages": [{"text": "quince", "files": [file]}]})
    ready(page, fresh)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if size is NARROW:
            page.get_by_role("button", name="Back to chats").click()
        field(page).click()
        assert_accessible(page)
        field(page).fill("quince")
        expect(results(page)).to_have_count(4)
        assert_accessible(page)
        field(page).fill("dark")
        expect(results(page).first).to_be_visible()
        assert_accessible(page)
        field(page).fill("xqzzyw")
        expect(page.get_by_text("Nothing found", exact=True)).to_be_visible()
        assert_accessible(page)
        field(page).fill("")
        expect(page.get_by_text("Nothing found", exact=True)).to_be_hidden()
