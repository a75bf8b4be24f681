"""A reload moves no data when nothing is new, and only what is new when something is."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Page, expect

from hearth_testing import journey
from hearth_testing.directus import Directus
from hearth_testing.server import Hearth


def test_each_tab_shows_its_own_chat_again(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh, stay=True)
    title, other_title = (fresh.account()["chats"][at]["title"] for at in (5, 6))
    journey.open_chat(page, title)
    other = page.context.new_page()
    other.goto(fresh.url)
    journey.open_chat(other, other_title)
    page.reload()
    other.reload()
    expect(journey.heading(page)).to_have_text(title)
    expect(journey.heading(other)).to_have_text(other_title)


def test_theme_and_text_size_are_applied_before_python_is_there(page: Page, fresh: Hearth) -> None:
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          const { theme, text } = document.documentElement.dataset;
          const python = performance.getEntriesByName("hearth:python-ready").length;
          globalThis.early = { theme, text, python, colours: document.querySelector("meta[name=theme-color]").content };
        })"""
    )
    for stay, theme, text, colours in ((False, "dark", "larger", "#171412"), (True, "light", "large", "#f6f1ea")):
        journey.sign_in(page, fresh, stay=stay)
        page.get_by_role("button", name="Settings and memories").click()
        page.get_by_role("group", name="Theme").get_by_role("button", name=theme.title()).click()
        page.get_by_role("group", name="Text size").get_by_role("button", name=text.title(), exact=True).click()
        expect(page.locator(f"html[data-theme={theme}][data-text={text}]")).to_have_count(1)
        page.reload()
        early = page.evaluate("() => globalThis.early")
        assert early == {"theme": theme, "text": text, "python": 0, "colours": colours}
        journey.wait_for_mark(page, "up-to-date")
        journey.sign_out(page)


def test_a_reload_after_a_change_and_a_deletion_costs_three_requests_at_most(
    page: Page, fresh: Hearth, directus: Directus
) -> None:
    journey.sign_in(page, fresh)
    account = fresh.account()
    changed, deleted = account["chats"][3], account["chats"][4]
    page.goto("about:blank")
    fresh.change(add_message={"chat_id": changed["id"], "text": "News from the other device"})
    fresh.change(delete_chat=deleted["id"])
    fresh.reset()
    page.goto(fresh.url)
    journey.wait_for_mark(page, "up-to-date")
    directus.assert_requests(at_least=1, at_most=3)
    expect(journey.chats(page)).to_have_count(11)
    expect(journey.chat_link(page, deleted["title"])).to_have_count(0)
    expect(journey.chats(page).first).to_have_accessible_name(re.compile("^" + re.escape(changed["title"])))
    journey.open_chat(page, changed["title"])
    expect(journey.messages(page).last).to_contain_text("News from the other device")


def test_what_changes_elsewhere_is_pushed(page: Page, fresh: Hearth, directus: Directus) -> None:
    journey.sign_in(page, fresh)
    account = fresh.account()
    here = next(chat for chat in account["chats"] if chat["id"] == account["last_opened"])
    fresh.reset()
    fresh.change(add_message={"chat_id": here["id"], "text": "Pushed while you look"})
    expect(journey.messages(page).last).to_contain_text("Pushed while you look")
    fresh.change(rename_chat={"chat_id": here["id"], "title": "A new name"})
    expect(journey.heading(page)).to_have_text("A new name")
    expect(journey.chats(page).first).to_have_accessible_name(re.compile("^A new name"))
    fresh.change(delete_chat=here["id"])
    expect(journey.chat_link(page, "A new name")).to_have_count(0)
    directus.assert_requests(0)
    directus.reset()
    page.reload()
    journey.wait_for_mark(page, "up-to-date")
    directus.assert_requests(0)  # what was pushed does not travel again


def test_without_a_key_everything_is_wiped_before_sign_in_shows(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    page.evaluate("() => sessionStorage.clear()")
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    journey.wait_for_mark(page, "python-ready")
    page.wait_for_function("async () => (await indexedDB.databases()).length === 0")


def test_last_opened_follows_the_person(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    titles = [chat["title"] for chat in fresh.account()["chats"]]
    for title in titles[:6]:
        journey.open_chat(page, title)
    wanted = fresh.account()["chats"][5]["id"]
    expect_soon(page, lambda: fresh.account()["last_opened"] == wanted)
    writes = [entry for entry in fresh.directus_log() if entry["method"] == "PATCH"]
    assert len(writes) < 6


def expect_soon(page: Page, condition: object) -> None:
    """Poll the server until a condition holds: what it does is not on the page."""
    assert callable(condition)
    for _ in range(200):
        if condition():
            return
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 25))")
    raise AssertionError("never")


def test_a_second_device_gets_everything_at_no_cost_while_warm(
    page: Page, context: BrowserContext, fresh: Hearth
) -> None:
    journey.sign_in(page, fresh)
    expect(journey.chats(page)).to_have_count(12)
    other = context.browser
    assert other
    second = other.new_context()
    journey.sign_in(again := second.new_page(), fresh)
    expect(journey.chats(again)).to_have_count(12)
    assert len(fresh.directus_log()) <= 5
    second.close()
