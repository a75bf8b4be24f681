"""A tab that dies at any step of writing: afterwards what was written is there exactly once, on every device.

The steps are those that `crash_points.js` counts from the press on. A second device, in a browser of its own, looks on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Error, Locator, Page, expect

from e2e.crash_points import Tab
from e2e.test_writing import box, button, choose, last
from hearth_testing import journey
from hearth_testing.server import Hearth

pytestmark = pytest.mark.only_browser("chromium")  # in which a test can end the process of a page

BEGIN = """(control, [at, text]) => {
  crashPoints.begin(at, "hearth:outbox-empty");
  setTimeout(() => {
    control.focus();
    if (control.localName === "textarea") document.execCommand("insertText", false, text);
    else control.click();
  });
}"""


@pytest.fixture(scope="module")
def small() -> Iterator[Hearth]:
    """A server with few chats, where nobody answers."""
    server = Hearth(("--chats", "3", "--messages", "4", "--assistant", "none")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def witness(browser_type: BrowserType, browser_type_launch_args: dict[str, Any], small: Hearth) -> Iterator[Page]:
    """A second device, in a browser whose processes nobody ends."""
    other = browser_type.launch(**browser_type_launch_args)
    page = other.new_page()
    journey.sign_in(page, small)
    yield page
    other.close()


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Do something that is to be written, and wait until the server has answered all that was."""
    before = page.evaluate(COUNT)
    yield
    page.evaluate(UNTIL_MORE, before)


COUNT = "() => performance.getEntriesByName('hearth:outbox-empty').length"
UNTIL_MORE = """async (before) => {
  for (const end = performance.now() + 30_000; performance.now() < end;) {
    if (performance.getEntriesByName("hearth:outbox-empty").length > before) return;
    await new Promise(requestAnimationFrame);
  }
  throw new Error("what was written is not answered");
}"""

SHOWN = """(text) => [
  [...document.querySelectorAll("[role=log] article")]
    .flatMap(({ innerText }) => innerText.match(new RegExp(`(before |after )?${text}`, "gu")) ?? []),
  [...document.querySelectorAll("main textarea")].map(({ value }) => value).filter((value) => value.includes(text)),
]"""
"""What the open chat's messages and its box show of a text."""

UNTIL_SHOWN = f"""async ([text, expected]) => {{
  const shown = {SHOWN};
  for (const end = performance.now() + 30_000; performance.now() < end;) {{
    const found = expected.indexOf(JSON.stringify(shown(text)));
    if (found >= 0) return found;
    await new Promise(requestAnimationFrame);
  }}
  throw new Error(`shown is ${{JSON.stringify(shown(text))}}, not ${{expected.join(" or ")}}`);
}}"""
"""Waits until one of the states that are expected is shown: which."""

Shown = list[list[str]]


def typed(page: Page, text: str) -> None:
    """Type into the box, and wait until that is kept on the device and at the server."""
    if box(page).input_value() != text:
        with answered(page):
            box(page).fill(text)


def sent(page: Page, text: str) -> None:
    """Send a message."""
    typed(page, text)
    with answered(page):
        button(page, "Send").click()


def to_send(page: Page, text: str) -> Locator:
    """A message is sent whose text was kept as a draft."""
    typed(page, text)
    return button(page, "Send")


def to_begin(page: Page, text: str) -> Locator:
    """The first message of a new chat is sent."""
    button(page, "New chat").click()
    typed(page, text)
    return button(page, "Send")


def to_edit(page: Page, text: str) -> Locator:
    """A message is given another text."""
    sent(page, f"before {text}")
    choose(page, last(page), "Message options", "Edit")
    page.get_by_role("textbox", name="Edit message").fill(f"after {text}")
    return button(page, "Save")


def to_delete(page: Page, text: str) -> Locator:
    """A message is deleted."""
    sent(page, text)
    last(page).hover()
    last(page).get_by_role("button", name="Message options").click()
    return page.get_by_role("menuitem", name="Delete message")


def to_type(page: Page, _text: str) -> Locator:
    """A text is typed, and nothing is pressed."""
    typed(page, "")
    return box(page)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a person does, and what is shown before and after it."""

    prepare: Callable[[Page, str], Locator]
    before: Shown
    after: Shown


TEXT = "TEXT"
ALL = {
    "send": Writing(to_send, [[], [TEXT]], [[TEXT], []]),
    "begin a chat": Writing(to_begin, [[], [TEXT]], [[TEXT], []]),
    "edit": Writing(to_edit, [[f"before {TEXT}"], []], [[f"after {TEXT}"], []]),
    "delete": Writing(to_delete, [[TEXT], []], [[], []]),
    "type": Writing(to_type, [[], []], [[], [TEXT]]),
}


def act(control: Locator, text: str, at: int | str | None) -> None:
    """Press the control, or type into it; the steps count from here."""
    control.evaluate(BEGIN, [at, text])


def settled(page: Page) -> None:
    """Wait until nothing waits to be sent, and all that the server has is here."""
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.status(page)).to_have_text("Up to date")
    while any(rows for name, rows in journey.stored(page)["databases"].items() if name.endswith("/outbox")):
        page.evaluate("() => new Promise(requestAnimationFrame)")


def opened(page: Page, writing: Writing, text: str) -> None:
    """Open the chat that was begun; it is on screen once it shows what is expected of it."""
    if writing.prepare is to_begin:
        journey.chats(page).filter(has_text=text).click()


def steps_of(context: BrowserContext, small: Hearth, writing: Writing) -> list[str]:
    """The steps of doing it, when nobody disturbs."""
    tab = Tab.opened(context, small)
    tab.sign_in()
    journey.wait_for_mark(tab.page, "checked")
    control = writing.prepare(tab.page, "undisturbed")
    with tab.page.expect_console_message(lambda message: message.text.startswith("no crash point")):
        act(control, "undisturbed", None)
    names = tab.names()
    tab.page.close()
    return names


def check(context: BrowserContext, small: Hearth, witness: Page, writing: Writing, text: str) -> bool:
    """The next page and the second device show the same, which is what was before or what was wanted: that it was."""
    page = context.new_page()
    page.goto(small.url)
    settled(page)
    for each in (page, witness):
        opened(each, writing, text)
    expected = [json.dumps(each, separators=(",", ":")).replace(TEXT, text) for each in (writing.before, writing.after)]
    found = page.evaluate(UNTIL_SHOWN, [text, expected])
    witness.evaluate(UNTIL_SHOWN, [text, [expected[found]]])
    expect(page.get_by_text("Not sent", exact=True)).to_have_count(0)
    page.close()
    return bool(found == 1)


KEPT = "committed chats messages settings_and_memories sync unindexed outbox"
TELLING = {"send": KEPT, "begin a chat": "received written"}
"""Where a tab that dies has promised most: its first commit, and the server's answer, before any of it is kept."""


@pytest.mark.soak  # a tab that dies has left Playwright waiting for ever, once
def test_a_tab_that_dies_while_it_writes_loses_nothing_and_doubles_nothing(
    browser: Browser, small: Hearth, witness: Page
) -> None:
    context = browser.new_context()
    for name, step in TELLING.items():
        tab = Tab.opened(context, small)
        if name == "send":
            tab.sign_in()
            journey.wait_for_mark(tab.page, "up-to-date")
        else:
            tab.load()
            settled(tab.page)
        text = f"{name.replace(' ', '-')}-dies-"
        control = ALL[name].prepare(tab.page, text)
        assert tab.dies(partial(act, control, text, step)) == step
        assert check(context, small, witness, ALL[name], text), f"{name}: what was promised was not done"
    context.close()


@pytest.mark.soak
@pytest.mark.parametrize("name", ALL)
def test_every_step_of_writing_is_a_crash_point_after_which_it_is_there_once_or_not_begun(
    browser: Browser, small: Hearth, witness: Page, steps_wanted: slice, name: str
) -> None:
    writing = ALL[name]
    context = browser.new_context()
    steps = steps_of(context, small, writing)
    promised = next(
        number for number, step in enumerate(steps, 1) if step.startswith("committed ") and "outbox" in step
    )
    assert "received written" in steps[promised:]
    for at in range(1, len(steps) + 1)[steps_wanted]:
        text = f"{name.replace(' ', '-')}-{at}-"
        tab = Tab.opened(context, small)
        tab.load()
        settled(tab.page)
        control = writing.prepare(tab.page, text)
        died = tab.dies(partial(act, control, text, at))
        try:
            done = check(context, small, witness, writing, text)
            assert done or at <= promised, "what was promised was not done"
        except (AssertionError, Error) as error:
            raise AssertionError(f"died at step {at}, {died}: {error}") from error
    context.close()
