"""Printing: the open chat with all of its messages that are loaded, unclipped, and nothing else of the page.

"Print" in the chat's menu loads all of them first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

PAGES = re.compile(rb"/Type\s*/Page\b")
LINE = "print('" + "a line of code that is much longer than a sheet of paper is wide, " * 4 + "')"
TEXT = f"```py\n{LINE}\n```\n\n| a | b |\n|---|---|\n| {'wide ' * 40} | {'w' * 120} |"

CLIPPED = """() => [...document.querySelectorAll("main, main *")].filter((part) => {
  const style = getComputedStyle(part);
  const cut = (over, size) => size > 0 && over > size + 1;
  return style.overflow !== "visible" && !part.closest(".unseen") && part.getClientRects().length
    && (cut(part.scrollWidth, part.clientWidth) || cut(part.scrollHeight, part.clientHeight));
}).map((part) => part.className || part.id || part.localName)"""
"""The parts of the open chat that hide some of what they hold."""

HEIGHTS = """() => {
  const last = document.querySelector("article:last-of-type").getBoundingClientRect().bottom + scrollY;
  const first = document.querySelector("article").getBoundingClientRect().top + scrollY;
  return [first >= 0, last <= document.documentElement.scrollHeight + 1];
}"""


NOTE_PRINTING = """() => {
  globalThis.printed = [];
  globalThis.print = () => printed.push({
    messages: [...document.querySelectorAll("article")].map((message) => message.dataset.messageId),
    said: document.getElementById("printing").textContent,
  });
  globalThis.said = new Set();
  const look = () => said.add(document.getElementById("printing").textContent);
  new MutationObserver(look).observe(document.getElementById("printing"), { childList: true, characterData: true });
}"""
"""Notes what is in the page when it is printed, and what is said about it until then."""


def print_it(page: Page, browser_name: str) -> None:
    """Lay the page out as it is printed."""
    page.emulate_media(media="print", color_scheme="dark")
    if not page.evaluate("() => matchMedia('print').matches"):
        pytest.skip(f"this {browser_name} does not emulate printing")


def test_the_whole_loaded_chat_is_printed_and_nothing_else(
    page: Page, serve: Callable[..., Hearth], browser_name: str, tmp_path: Path
) -> None:
    hearth = serve("--chats", "12", "--messages", "60")
    page.emulate_media(color_scheme="dark")
    chat = max(hearth.account()["chats"], key=lambda chat: len(chat["messages"]))
    hearth.change(set_last_opened={"chat_id": chat["id"]})
    journey.sign_in(page, hearth)
    hearth.change(add_message={"chat_id": chat["id"], "text": TEXT})
    expect(journey.messages(page).last).to_contain_text("much longer than a sheet")
    loaded = journey.messages(page).count()
    assert loaded >= 40
    for width, height in ((1280, 800), (390, 844)):
        page.emulate_media(media="screen", color_scheme="dark")
        page.set_viewport_size({"width": width, "height": height})
        print_it(page, browser_name)
        assert_only_the_chat_is_printed(page, loaded)
        if browser_name == "chromium":
            sheets = page.pdf(path=tmp_path / "chat.pdf", format="A4")
            assert len(PAGES.findall(sheets)) >= 3


def assert_only_the_chat_is_printed(page: Page, loaded: int) -> None:
    """All messages that are loaded are laid out, whole, and nothing else."""
    expect(journey.heading(page)).to_be_visible()
    for part in ("navigation", "searchbox", "status", "button"):
        expect(page.get_by_role(part)).to_have_count(0)
    expect(journey.messages(page).first).to_be_visible()
    assert journey.messages(page).count() == loaded
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate(HEIGHTS) == [True, True]
    assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.evaluate("() => getComputedStyle(document.querySelector('article')).color") == "rgb(0, 0, 0)"


def test_print_in_the_chats_menu_loads_all_of_the_chat_first(
    page: Page, serve: Callable[..., Hearth], browser_name: str
) -> None:
    hearth = serve("--chats", "12", "--messages", "4")
    chat = max(hearth.account()["chats"], key=lambda chat: len(chat["messages"]))
    hearth.change(set_last_opened={"chat_id": chat["id"]})
    journey.sign_in(page, hearth)
    page.evaluate(NOTE_PRINTING)
    assert len(chat["messages"]) >= 300
    assert journey.messages(page).count() < 100
    page.get_by_role("button", name="Chat options").click()
    page.get_by_role("menuitem", name="Print").click()
    expect(journey.messages(page)).to_have_count(len(chat["messages"]), timeout=20_000)
    page.wait_for_function("() => printed.length > 0")
    (printed,) = page.evaluate("() => printed")
    assert len(set(printed["messages"])) == len(chat["messages"])
    assert printed["said"] == ""
    assert "Loading all of this chat to print it…" in page.evaluate("() => [...said]")
    print_it(page, browser_name)
    expect(journey.messages(page)).to_have_count(len(chat["messages"]))
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate(HEIGHTS) == [True, True]


def test_what_stands_before_the_chat_is_not_printed(page: Page, fresh: Hearth, browser_name: str) -> None:
    page.set_viewport_size({"width": 834, "height": 1112})
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    region = page.get_by_role("region", name="Settings and memories")
    expect(region).to_be_visible()
    print_it(page, browser_name)
    expect(region).to_be_hidden()
    expect(journey.messages(page).last).to_be_visible()
    assert page.evaluate(CLIPPED) == []
