"""Small screens and large text: every pane has a height that can be used; where rows do not fit, the page scrolls."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

LEAST_ROWS = 2
"""So many lines of the list are to be seen whole."""

LEAST_LINES = 4
"""So many lines of a message are to be seen."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen's size in pixels, and how many times larger than usual its text is."""

    width: int
    height: int
    text: int = 1

    def __str__(self) -> str:
        return f"{self.width}x{self.height}-{self.text}00%"


SCREENS = (Screen(320, 256), Screen(740, 160), Screen(320, 480), Screen(1280, 800, 2), Screen(1280, 800, 4))
"""1280x1024 at 400 % (WCAG 1.4.10), a phone on its side with its keyboard open, a small phone, large text."""


def enlarge(page: Page, text: int) -> None:
    """Make all text of the page this many times larger."""
    page.evaluate(f"() => {{ document.documentElement.style.fontSize = '{text * 100}%' }}")


@pytest.fixture
def signed_in(page: Page, fresh: Hearth) -> Page:
    """A page past sign-in, on a small screen."""
    page.set_viewport_size({"width": SCREENS[0].width, "height": SCREENS[0].height})
    journey.sign_in(page, fresh)
    return page


def box_of(part: Locator) -> FloatRect:
    """Where a part of the page is."""
    box = part.bounding_box()
    assert box
    return box


def overlap(one: FloatRect, other: FloatRect) -> bool:
    """Whether two boxes share a pixel."""
    return (
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )


def assert_no_overhang(page: Page) -> None:
    """Nothing sticks out sideways."""
    root = "document.documentElement"
    assert page.evaluate(f"() => {root}.scrollWidth - {root}.clientWidth") == 0


def test_every_pane_has_a_height_that_can_be_used_on_every_screen(signed_in: Page) -> None:
    page = signed_in
    for screen in SCREENS:
        page.set_viewport_size({"width": screen.width, "height": screen.height})
        enlarge(page, screen.text)
        assert_every_pane_has_a_height_that_can_be_used(page, 16 * screen.text * 1.65)
        assert_jump_to_latest_keeps_to_the_log(page, screen.text)


def assert_every_pane_has_a_height_that_can_be_used(page: Page, line: float) -> None:
    """Go through the panes, and back to the chat."""
    log = page.get_by_role("log", name="Messages")
    assert box_of(log)["height"] >= LEAST_LINES * line
    assert_no_overhang(page)

    back = page.get_by_role("button", name="Back to chats")
    back.click()
    expect(back).to_be_hidden()
    row = box_of(journey.chats(page).first)["height"]
    assert box_of(page.get_by_role("navigation", name="Chats"))["height"] >= LEAST_ROWS * row
    assert_no_overhang(page)
    page.get_by_role("button", name="Sign out").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)

    page.get_by_role("searchbox", name="Search").fill("the")
    results = page.get_by_role("list", name="Search results").get_by_role("listitem")
    expect(results.first).to_be_visible()
    assert box_of(page.get_by_role("region", name="Found"))["height"] >= LEAST_ROWS * row
    assert_no_overhang(page)
    page.keyboard.press("Escape")

    settings = page.get_by_role("button", name="Settings and memories")
    settings.click()
    entries = page.get_by_role("group", name="Entries by app")
    expect(entries).to_be_visible()
    assert box_of(entries)["height"] >= LEAST_LINES * line
    assert_no_overhang(page)
    page.keyboard.press("Escape")
    expect(entries).to_be_hidden()
    journey.chats(page).first.click()
    expect(log).to_be_visible()


def assert_jump_to_latest_keeps_to_the_log(page: Page, text: int) -> None:
    """Scroll to the beginning, and come back by the button."""
    log = page.get_by_role("log", name="Messages")
    log.focus()
    page.keyboard.press("Home")
    button = page.get_by_role("button", name="Jump to latest")
    expect(button).to_be_visible()
    place, around = box_of(button), box_of(log)
    assert around["x"] <= place["x"]
    assert around["y"] <= place["y"]
    assert place["x"] + place["width"] <= around["x"] + around["width"]
    assert place["y"] + place["height"] <= around["y"] + around["height"]
    assert place["height"] <= 40 * text  # one line
    button.click()
    expect(journey.messages(page).last).to_be_in_viewport()


def test_beside_the_settings_jump_to_latest_covers_nothing_of_them(page: Page, fresh: Hearth) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    region = page.get_by_role("region", name="Settings and memories")
    log = page.get_by_role("log", name="Messages")
    log.focus()
    page.keyboard.press("Home")
    button = page.get_by_role("button", name="Jump to latest")
    expect(button).to_be_visible()
    assert not overlap(box_of(button), box_of(region))
    for larger in (2, 4):
        page.evaluate(f"() => {{ document.documentElement.style.fontSize = '{larger * 100}%' }}")
        expect(button).to_be_hidden()  # the settings take the place of the chat
        assert_no_overhang(page)
        assert box_of(region)["width"] > 600


def test_what_is_said_in_place_of_messages_has_room(signed_in: Page, fresh: Hearth) -> None:
    page = signed_in
    fresh.change(delete_chat=fresh.account()["last_opened"])
    note = page.get_by_text("This chat is not here").last
    for text in (1, 2):
        enlarge(page, text)
        page.set_viewport_size({"width": 1280 * text, "height": 160})
        expect(note).to_be_visible()
        note.scroll_into_view_if_needed()
        assert not overlap(box_of(note), box_of(journey.heading(page)))
