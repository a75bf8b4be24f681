"""Writing: what is typed is sent, waits, and comes through; chats and messages are begun, changed and deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from e2e.test_accessibility import assert_accessible
from hearth_testing import journey
from hearth_testing.server import Hearth

ENTER_OF_AN_INPUT_METHOD = """() => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true }))"""


def box(page: Page) -> Locator:
    """The message box."""
    return page.get_by_role("textbox", name="Message", exact=True)


def button(page: Page, name: str) -> Locator:
    """A button by its whole name."""
    return page.get_by_role("button", name=name, exact=True)


def last(page: Page) -> Locator:
    """The newest message."""
    return journey.messages(page).last


def choose(page: Page, of: Locator, menu: str, entry: str) -> None:
    """Open a menu and choose an entry of it."""
    of.hover()
    of.get_by_role("button", name=menu).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def open_first(page: Page, hearth: Hearth, **options: Any) -> str:
    """Sign in and open the newest chat; its title."""
    journey.sign_in(page, hearth, **options)
    title = str(hearth.account()["chats"][0]["title"])
    journey.open_chat(page, title)
    return title


def test_a_message_is_sent_and_shown_on_another_device(page: Page, browser: Browser, fresh: Hearth) -> None:
    title = open_first(page, fresh)
    other = browser.new_context().new_page()
    journey.sign_in(other, fresh)
    journey.open_chat(other, fresh.account()["chats"][1]["title"])
    before = journey.messages(page).count()

    box(page).press_sequentially("  ")
    box(page).press("Enter")
    expect(box(page)).to_have_value("  ")  # nothing blank is sent
    box(page).fill("")
    box(page).press_sequentially("Hello")
    box(page).press("Shift+Enter")
    box(page).press_sequentially("**world**")
    assert page.evaluate(ENTER_OF_AN_INPUT_METHOD), "it is left to the browser"
    expect(box(page)).to_have_value("Hello\n**world**")
    box(page).press("Enter")
    expect(box(page)).to_have_value("")
    expect(journey.messages(page)).to_have_count(before + 1)
    expect(last(page).locator("strong")).to_have_text("world")
    expect(last(page).get_by_text("Sending…")).to_have_count(0)

    # A device that reads another chat counts it as unread; opened, it shows the message.
    expect(other).to_have_title("(1) Hearth")
    link = journey.chat_link(other, title)
    expect(link).to_have_accessible_name(re.compile("1 unread message"))
    link.click()
    expect(last(other)).to_contain_text("world")
    expect(other).to_have_title("Hearth")
    box(other).fill("Answer")
    button(other, "Send").click()
    expect(last(page)).to_contain_text("Answer")
    other.context.close()


def test_what_is_written_offline_waits_survives_a_reload_and_goes_out(
    page: Page, serve: Callable[..., Hearth], tmp_path: Path
) -> None:
    server = serve("--chats", "12", "--messages", "6", "--data", str(tmp_path / "data"))
    title = open_first(page, server)
    journey.wait_for_worker(page)
    port = server.port
    server.stop()
    expect(journey.status(page)).to_contain_text("Offline")
    box(page).fill("Written on the train")
    button(page, "Send").click()
    expect(last(page)).to_contain_text("Waiting for the network")
    button(page, "New chat").click()
    expect(box(page)).to_be_focused()
    box(page).fill("A chat of the train\nwith two lines")
    box(page).press("Enter")
    expect(journey.heading(page)).to_have_text("A chat of the train")
    box(page).press_sequentially("half a sent")
    expect(journey.chat_link(page, "A chat of the train")).to_contain_text("Draft: half a sent")

    page.reload()
    expect(journey.heading(page)).to_have_text("A chat of the train")
    expect(last(page)).to_contain_text("Waiting for the network")
    expect(box(page)).to_have_value("half a sent")

    page.get_by_role("region", name="Account").get_by_role("button", name="Sign out").click()
    question = page.get_by_role("dialog", name="Sign out now?")
    expect(question).to_contain_text("2 changes are not sent yet")
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    server.start(port)
    journey.wait_for_mark(page, "outbox-empty")
    expect(page.get_by_text("Waiting for the network")).to_have_count(0)
    journey.open_chat(page, title)
    expect(box(page)).to_have_value("")
    expect(last(page)).to_contain_text("Written on the train")
    journey.open_chat(page, "A chat of the train")
    expect(journey.messages(page)).to_have_count(1)
    expect(box(page)).to_have_value("half a sent")


def test_a_chat_is_begun_renamed_pinned_deleted_and_taken_back(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    button(page, "New chat").click()
    expect(journey.heading(page)).to_have_text("New chat")
    expect(button(page, "Chat options")).to_have_count(0)  # it exists on the screen alone
    box(page).fill("Plans")
    box(page).press("Enter")
    expect(journey.heading(page)).to_have_text("Plans")

    options = button(page, "Chat options")
    options.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete chat")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(options).to_be_focused()
    for keys, kept in (("Escape", "Plans"), ("Enter", "Plans for May")):
        choose(page, page.get_by_role("main"), "Chat options", "Rename")
        field = page.get_by_role("textbox", name="Chat title")
        field.fill("Plans for May")
        field.press(keys)
        expect(journey.heading(page)).to_have_text(kept)
    expect(journey.chat_link(page, "Plans for May")).to_be_visible()

    groups = page.get_by_role("navigation", name="Chats").get_by_role("heading", level=2)
    choose(page, page.get_by_role("main"), "Chat options", "Pin")
    expect(groups.first).to_have_text("Pinned")
    choose(page, page.get_by_role("main"), "Chat options", "Unpin")
    expect(groups.first).not_to_have_text("Pinned")

    choose(page, page.get_by_role("main"), "Chat options", "Delete chat")
    expect(journey.chat_link(page, "Plans for May")).to_have_count(0)
    expect(button(page, "Undo")).to_be_focused()
    assert_accessible(page)
    button(page, "Undo").click()
    journey.open_chat(page, "Plans for May")
    expect(last(page)).to_contain_text("Plans")


def test_ones_own_messages_are_edited_copied_and_deleted(page: Page, fresh: Hearth, browser_name: str) -> None:
    if browser_name == "chromium":
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_first(page, fresh)
    box(page).fill("A **first** wording")
    box(page).press("Enter")
    expect(last(page)).to_contain_text("A first wording")
    count = journey.messages(page).count()

    choose(page, last(page), "Message options", "Edit")
    editor = page.get_by_role("textbox", name="Edit message")
    expect(editor).to_have_value("A **first** wording")
    editor.fill("Not kept")
    editor.press("Escape")
    expect(last(page)).to_contain_text("A first wording")
    choose(page, last(page), "Message options", "Edit")
    editor.fill("A **second** wording")
    editor.press("Enter")
    expect(last(page)).to_contain_text("A second wording")
    expect(last(page)).to_contain_text("edited")
    expect(editor).to_have_count(0)

    if browser_name == "chromium":
        choose(page, last(page), "Message options", "Copy")
        expect(page.get_by_text("Copied")).to_be_attached()
        assert page.evaluate("() => navigator.clipboard.readText()") == "A **second** wording"
    of_somebody_else = page.get_by_role("article", name=re.compile("^Assistant")).first
    of_somebody_else.scroll_into_view_if_needed()
    of_somebody_else.hover()
    of_somebody_else.get_by_role("button", name="Message options").click()
    expect(page.get_by_role("menuitem")).to_have_text(["Copy"])
    page.keyboard.press("Escape")
    choose(page, last(page), "Message options", "Delete message")
    expect(journey.messages(page)).to_have_count(count - 1)


def test_on_a_touch_keyboard_enter_breaks_the_line(
    browser: Browser, browser_name: str, serve: Callable[..., Hearth]
) -> None:
    if browser_name == "firefox":
        pytest.skip("this Firefox emulates no touch screen")
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 320, "height": 480})
    page = context.new_page()
    # Without an assistant, whose question would fill so small a screen.
    journey.sign_in(page, serve("--chats", "3", "--messages", "6", "--assistant", "none"))
    box(page).fill("one")
    box(page).press("Enter")
    box(page).press_sequentially("two")
    expect(box(page)).to_have_value("one\ntwo")
    box(page).fill("line\n" * 40)
    heights = "() => [document.activeElement.offsetHeight, innerHeight]"
    height, window = page.evaluate(heights)
    assert height <= window / 3 + 1
    expect(button(page, "Send")).to_be_in_viewport(ratio=1)
    button(page, "Send").tap()
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()  # the keyboard stays
    expect(last(page)).to_be_in_viewport()
    context.close()
