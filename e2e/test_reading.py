"""Reading: the newest message in view, older ones on the way up, a list that stays where it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth


@pytest.fixture
def long(page: Page, serve: Callable[..., Hearth]) -> tuple[Hearth, dict[str, Any]]:
    """A server and the longest of its chats, open: well over one page of messages."""
    server = serve("--chats", "12", "--messages", "4")
    chat = max(server.account()["chats"], key=lambda chat: len(chat["messages"]))
    assert len(chat["messages"]) > 100
    journey.sign_in(page, server)
    journey.open_chat(page, chat["title"])
    expect(journey.messages(page)).to_have_count(40)
    return server, chat


def from_the_end(page: Page) -> float:
    """How far the log is scrolled up from its end, in pixels."""
    script = """() => {
      const log = document.querySelector("[role=log]"), last = log.querySelector("article:last-of-type");
      return last.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom;
    }"""
    return float(page.evaluate(script))


def scroll_to_top(page: Page) -> None:
    page.get_by_role("log", name="Messages").focus()
    page.keyboard.press("Home")


def test_a_long_chat_shows_its_end_and_stays_there(page: Page, long: tuple[Hearth, dict[str, Any]]) -> None:
    server, chat = long
    expect(journey.messages(page).last).to_be_in_viewport()
    assert from_the_end(page) < 0
    server.change(add_message={"chat_id": chat["id"], "text": "Written elsewhere"})
    expect(journey.messages(page).last).to_contain_text("Written elsewhere")
    expect(journey.messages(page).last).to_be_in_viewport()


def test_older_messages_come_before_the_top_is_reached(page: Page, long: tuple[Hearth, dict[str, Any]]) -> None:
    total = len(long[1]["messages"])
    for _ in range(total // 40 + 2):
        shown = journey.messages(page).count()
        scroll_to_top(page)
        if shown < total:
            expect(journey.messages(page).nth(shown)).to_be_attached()
    expect(journey.messages(page)).to_have_count(total)


def test_what_is_read_stays_in_place_while_messages_come(page: Page, long: tuple[Hearth, dict[str, Any]]) -> None:
    server, chat = long
    scroll_to_top(page)
    expect(journey.messages(page).nth(60)).to_be_attached()
    middle = journey.messages(page).nth(45).element_handle()
    middle.scroll_into_view_if_needed()
    before = middle.bounding_box()
    server.change(add_message={"chat_id": chat["id"], "text": "Written elsewhere"})
    expect(journey.messages(page).last).to_contain_text("Written elsewhere")
    after = middle.bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) <= 2
    button = page.get_by_role("button", name="Jump to latest")
    button.click()
    expect(journey.messages(page).last).to_be_in_viewport()
    expect(button).to_be_hidden()


def test_back_and_forward_walk_through_the_chats(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    titles = [chat["title"] for chat in fresh.account()["chats"]]
    journey.open_chat(page, titles[1])
    journey.open_chat(page, titles[2])
    page.go_back()
    expect(journey.heading(page)).to_have_text(titles[1])
    page.go_forward()
    expect(journey.heading(page)).to_have_text(titles[2])
    expect(page.locator("a[aria-current=page]")).to_have_count(1)


def test_neither_the_window_nor_the_address_names_what_is_read(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    for chat in fresh.account()["chats"][:3]:
        journey.open_chat(page, chat["title"])
        assert page.title() == "Hearth"
        assert page.url.rstrip("/") == fresh.url


def test_a_chat_opened_in_a_new_tab_opens_there(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh, stay=True)
    chat = fresh.account()["chats"][4]
    href = journey.chat_link(page, chat["title"]).first.get_attribute("href")
    other = page.context.new_page()
    other.goto(f"{fresh.url}/{href}")
    expect(journey.heading(other)).to_have_text(chat["title"])
    assert other.url.rstrip("/") == fresh.url


def test_the_list_keeps_the_focus_when_a_chat_moves_up(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    chat = fresh.account()["chats"][8]
    link = journey.chat_link(page, chat["title"])
    link.focus()
    fresh.change(add_message={"chat_id": chat["id"], "text": "Up it goes"})
    expect(journey.chats(page).first).to_contain_text(chat["title"])
    expect(link).to_be_focused()


def test_code_can_be_copied(page: Page, fresh: Hearth, browser_name: str) -> None:
    if browser_name == "chromium":
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    journey.sign_in(page, fresh)
    chat = next(chat for chat in fresh.account()["chats"] if chat["title"] == journey.heading(page).inner_text())
    fresh.change(add_message={"chat_id": chat["id"], "text": "```py\nprint('<b>')\n```"})
    copy = journey.messages(page).last.locator(".code").get_by_role("button")
    copy.click()
    expect(copy).to_have_accessible_name("Copied")
    if browser_name == "chromium":
        assert page.evaluate("() => navigator.clipboard.readText()") == "print('<b>')"
    expect(copy).to_have_accessible_name("Copy")


SELECT = """
(article) => getSelection().selectAllChildren(article.querySelector(".prose"))
"""


def test_a_selected_answer_is_copied_without_what_is_not_the_message(page: Page, fresh: Hearth) -> None:
    text = "Before\n\n```python\nprint(1)\n```\n\n- [x] task\n\n| cell |\n|---|\n\n" + "after " * 6_000
    added = fresh.change(add_chat={"title": "Code", "messages": [{"text": text, "role": "assistant"}]})
    fresh.change(set_last_opened={"chat_id": added["chats"][0]})
    journey.sign_in(page, fresh)
    answer = journey.messages(page).last
    expect(answer).to_contain_text("without formatting")
    expect(answer.get_by_role("button", name="Copy")).to_be_visible()
    answer.evaluate(SELECT)
    selected = page.evaluate("() => getSelection().toString()")
    # What is pasted tells what was copied, with no permission to read the clipboard.
    page.keyboard.press("ControlOrMeta+c")
    search = page.get_by_role("searchbox")
    search.focus()
    page.keyboard.press("ControlOrMeta+v")
    expect(search).to_have_value(re.compile("^Before"))
    for copied in (selected, search.input_value()):
        assert "".join(copied.split()) == "Beforeprint(1)taskcell" + "after" * 6_000


def test_hostile_markdown_is_harmless(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    chat = next(chat for chat in fresh.account()["chats"] if chat["title"] == journey.heading(page).inner_text())
    text = (
        '<img src=x onerror="alert(1)"><script>alert(2)</script> [a](javascript:alert(3)) [b](data:text/html,x) '
        "![c](https://tracker.example/pixel.png) <https://d.example> [e](https://e.example)"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    fresh.change(add_message={"chat_id": chat["id"], "text": text})
    message = journey.messages(page).last
    expect(message).to_contain_text("<script>alert(2)</script>")
    links = message.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://tracker.example/pixel.png",
        "https://d.example",
        "https://e.example",
    ]
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer nofollow"}
    assert message.locator("img, script, iframe").count() == 0
    assert dialogs == []
    assert [url for url in asked if "example" in url] == []


def test_after_midnight_the_open_page_says_so(new_context: Callable[..., BrowserContext], fresh: Hearth) -> None:
    page = new_context(timezone_id="UTC").new_page()
    newest = max(chat["last_updated"] for chat in fresh.account()["chats"])
    written = datetime.fromtimestamp(newest / 1000, UTC)
    page.clock.install(time=written.replace(hour=23, minute=59, second=30) + timedelta(days=1))
    journey.sign_in_by_another_clock(page, fresh)
    groups = page.get_by_role("navigation", name="Chats").get_by_role("heading")
    expect(groups.first).to_have_text("Yesterday")
    expect(journey.status(page)).to_contain_text("hours ahead of the server's: dates and times may be wrong.")
    page.clock.fast_forward(60_000)
    expect(groups.first).to_have_text("Previous 7 days")
