"""What screen readers, input methods and forced colours need of the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

WATCH = """() => {
  globalThis.added = [];
  const log = document.querySelector("[role=log]");
  const note = (list) => {
    const articles = list.flatMap((each) => [...each.addedNodes]).filter((node) => node.localName === "article");
    if (articles.length) globalThis.added.push([articles.length, log.getAttribute("aria-busy")]);
  };
  new MutationObserver(note).observe(log, { childList: true, subtree: true });
}"""
"""Notes each time that messages are put into the log: how many, and whether the log is busy then."""


def test_only_messages_that_arrive_are_announced(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    log = page.get_by_role("log", name="Messages")
    expect(log).to_have_attribute("aria-busy", "false")
    page.evaluate(WATCH)
    account = fresh.account()
    chat = next(each for each in account["chats"] if each["id"] != account["last_opened"])
    journey.open_chat(page, chat["title"])
    expect(log).to_have_attribute("aria-busy", "false")
    filled = page.evaluate("() => globalThis.added.splice(0)")
    assert sum(count for count, _ in filled) == len(chat["messages"])
    assert {busy for _, busy in filled} == {"true"}
    fresh.change(add_message={"chat_id": chat["id"], "text": "This one arrives"})
    expect(journey.messages(page).last).to_contain_text("This one arrives")
    assert page.evaluate("() => globalThis.added") == [[1, "false"]]


PRESS = """([selector, init]) => {
  const event = init ? new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init })
    : new Event("keydown", { bubbles: true, cancelable: true });
  return document.querySelector(selector).dispatchEvent(event);
}"""
"""Dispatches a keydown, without `init` one that has no key; whether it was left to the browser."""

COMPOSED = ({"key": "Enter", "keyCode": 229}, {"key": "Enter", "keyCode": 13, "isComposing": True})


def test_the_enter_of_an_input_method_does_nothing(page: Page, fresh: Hearth) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto(fresh.url)
    journey.wait_for_mark(page, "python-ready")
    assert page.evaluate(PRESS, ["#email", None])
    journey.sign_in(page, fresh)
    page.get_by_role("searchbox", name="Search").fill("the")
    expect(page.get_by_role("list", name="Search results").get_by_role("listitem").first).to_be_visible()
    for each in (None, *COMPOSED, {"key": "ArrowDown", "keyCode": 229}, {"key": "Escape", "keyCode": 229}):
        assert page.evaluate(PRESS, ["#search", each]), each
    page.get_by_role("button", name="Settings and memories").click()
    for each in (None, {"key": "Escape", "keyCode": 229}, {"key": "/", "keyCode": 229}):
        assert page.evaluate(PRESS, ["#settings-title", each]), each
    expect(page.get_by_role("region", name="Settings and memories")).to_be_visible()
    assert not page.evaluate(PRESS, ["#search", {"key": "Enter", "keyCode": 13}])
    assert errors == []


def look_of(part: Locator) -> dict[str, Any]:
    """What forced colours leave of a part's look: frame, outline, background; not the weight of its text."""
    script = """(part) => {
      const { borderTopColor, borderTopWidth, outlineColor, outlineStyle, outlineWidth, backgroundColor } =
        getComputedStyle(part);
      return { border: borderTopColor + borderTopWidth, background: backgroundColor,
        outline: outlineStyle === "none" ? "none" : outlineColor + outlineWidth };
    }"""
    return dict(part.evaluate(script))


def test_with_forced_colours_what_is_chosen_and_what_has_the_focus_can_be_seen(
    page: Page, fresh: Hearth, browser_name: str
) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    journey.sign_in(page, fresh)
    if not page.evaluate("() => matchMedia('(forced-colors: active)').matches"):
        pytest.skip(f"{browser_name} does not emulate forced colours")
    current, other = journey.chats(page).and_(page.locator("[aria-current]")), journey.chats(page).nth(5)
    assert look_of(current) != look_of(other)

    button, another = (page.get_by_role("button", name=name) for name in ("Settings and memories", "Sign out"))
    closed = look_of(button)
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert look_of(button) != closed
    theme = page.get_by_role("group", name="Theme").get_by_role("button")
    assert look_of(theme.nth(0)) != look_of(theme.nth(1)) == look_of(theme.nth(2))
    theme.nth(1).click()
    expect(theme.nth(1)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("searchbox", name="Search").focus()
    assert look_of(theme.nth(1)) != look_of(theme.nth(0)) == look_of(theme.nth(2))
    eye = page.get_by_role("button", name="Hide Health from search", exact=True)
    open_eye = look_of(eye)
    eye.click()
    expect(eye).to_have_attribute("aria-pressed", "true")
    page.get_by_role("searchbox", name="Search").focus()
    assert look_of(eye) != open_eye

    page.keyboard.press("Tab")  # from here on, the focus is shown
    for part in (current, other, button, another, theme.nth(0), theme.nth(1), journey.heading(page)):
        without = look_of(part)
        part.focus()
        assert look_of(part) != without
