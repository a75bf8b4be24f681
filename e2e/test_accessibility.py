"""Assistive technology, small screens, large type: axe finds nothing, on any face, in both schemes and widths."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth
from runtime.paths import NODE_MODULES

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}
TINY = {"width": 320, "height": 568}
"""1280 pixels at 400 %: the width that WCAG 1.4.10 asks to work without scrolling sideways."""

RICH = """# A heading
- [x] done
- [ ] to do

| a | b |
|:-:|--:|
| 1 | 2 |

```python
print("a line of code that is long enough to scroll sideways on any screen, however wide it may be", end="")
```

> quoted `code` and [a link](https://a.example)
"""


@pytest.fixture(autouse=True)
def calm(page: Page) -> None:
    """No colour is caught half-way through a transition."""
    page.emulate_media(reduced_motion="reduce")


def assert_accessible(page: Page) -> None:
    """Hold the page as it stands against every rule, in the light and in the dark."""
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    script = """
    async () => (await axe.run()).violations.map(({ id, nodes }) =>
      `${id}: ${nodes.slice(0, 3).map((node) => node.failureSummary + " " + node.target).join("; ")}`)
    """
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert page.evaluate(script) == [], scheme


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_face_is_accessible(page: Page, fresh: Hearth, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(fresh.url)
    expect(page.get_by_role("button", name="Fill in the form")).to_be_visible()
    assert_accessible(page)

    journey.fill_in(page, fresh, password="not it")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)

    journey.sign_in(page, fresh)
    newest = fresh.account()["chats"][0]
    fresh.change(add_message={"chat_id": newest["id"], "text": RICH})
    if size is NARROW:
        page.get_by_role("button", name="Back to chats").click()
        assert_accessible(page)
    journey.open_chat(page, newest["title"])
    expect(page.get_by_role("button", name="Copy").last).to_be_visible()
    page.get_by_role("textbox", name="Message").fill("Something typed")
    assert_accessible(page)
    page.get_by_role("button", name="Chat options").click()
    assert_accessible(page)
    page.get_by_role("menuitem", name="Rename").click()
    expect(page.get_by_role("textbox", name="Chat title")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    own = page.get_by_role("article", name=re.compile("^You")).last
    own.hover()
    own.get_by_role("button", name="Message options").click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(page.get_by_role("textbox", name="Edit message")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")

    if size is NARROW:
        page.get_by_role("button", name="Back to chats").click()
    page.get_by_role("button", name="Settings and memories").click()
    expect(
        page.get_by_role("region", name="Settings and memories").get_by_role("heading", level=3).first
    ).to_be_visible()
    assert_accessible(page)


def test_an_account_without_chats_is_accessible(page: Page, serve: Callable[..., Hearth]) -> None:
    journey.sign_in(page, serve("--chats", "0"))
    expect(page.get_by_role("main")).to_contain_text("No chats yet")
    assert_accessible(page)


def test_when_hearth_cannot_start_it_says_so_accessibly(page: Page, hearth: Hearth) -> None:
    page.route(re.compile(r"/-/pyscript\."), lambda route: route.abort())
    page.goto(hearth.url)
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    assert_accessible(page)
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    journey.wait_for_mark(page, "python-ready")


def test_without_scripts_the_page_says_what_it_needs(browser: Browser, browser_name: str, hearth: Hearth) -> None:
    if browser_name == "firefox":
        pytest.skip("a stock Firefox runs scripts whatever Playwright says")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hearth.url)
    expect(page.get_by_text("needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("size", [NARROW, TINY], ids=["narrow", "tiny"])
def test_nothing_sticks_out_sideways(page: Page, fresh: Hearth, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    overhang = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    page.goto(fresh.url)
    assert page.evaluate(overhang) == 0
    journey.sign_in(page, fresh)
    newest = fresh.account()["chats"][0]
    fresh.change(add_message={"chat_id": newest["id"], "text": RICH + "\n\n" + "w" * 5_000 + " שלום " * 50})
    fresh.change(rename_chat={"chat_id": newest["id"], "title": "w" * 500})
    page.get_by_role("button", name="Back to chats").click()
    assert page.evaluate(overhang) == 0
    journey.chats(page).filter(has_text="w" * 50).click()
    expect(journey.messages(page).last).to_contain_text("wwww")
    assert page.evaluate(overhang) == 0
    log = "() => { const log = document.querySelector('[role=log]'); return log.scrollWidth - log.clientWidth; }"
    assert page.evaluate(log) == 0


def test_the_keyboard_reaches_everything(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    expect(journey.heading(page)).to_be_focused()  # where reading begins
    page.get_by_role("link", name="Skip to the open chat").focus()
    page.keyboard.press("Enter")
    expect(journey.heading(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("log", name="Messages")).to_be_focused()

    button = page.get_by_role("button", name="Settings and memories")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Settings and memories")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.get_by_role("region", name="Settings and memories")).to_have_count(0)


def test_on_a_phone_the_focus_goes_where_the_person_goes(page: Page, fresh: Hearth) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    journey.sign_in(page, fresh)
    back = page.get_by_role("button", name="Back to chats")
    back.click()
    expect(back).to_be_hidden()
    third = journey.chats(page).nth(2)
    third.click()
    expect(journey.heading(page)).to_be_focused()
    expect(page.get_by_role("navigation", name="Chats")).to_be_hidden()
    page.go_back()
    expect(third).to_be_visible()
    expect(third).to_be_focused()


def test_a_chat_chosen_beside_the_settings_takes_their_place(page: Page, fresh: Hearth) -> None:
    page.set_viewport_size({"width": 834, "height": 1112})
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    region = page.get_by_role("region", name="Settings and memories")
    expect(region.get_by_role("heading", level=3).first).to_be_visible()
    assert_accessible(page)
    journey.open_chat(page, fresh.account()["chats"][1]["title"])
    expect(region).to_have_count(0)
    expect(journey.messages(page).last).to_be_in_viewport()


def test_each_name_of_the_pages_contract_is_there_once(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    expect(
        page.get_by_role("region", name="Settings and memories").get_by_role("heading", level=3).first
    ).to_be_visible()
    for role, name in (
        ("navigation", "Chats"),
        ("log", "Messages"),
        ("button", "Settings and memories"),
        ("region", "Settings and memories"),
        ("button", "Sign out"),
        ("searchbox", "Search"),
        ("button", "New chat"),
        ("button", "Chat options"),
        ("button", "Send"),
    ):
        expect(page.get_by_role(role, name=name, exact=True)).to_have_count(1)  # type: ignore[arg-type]
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_count(1)
    page.get_by_role("searchbox", name="Search").fill("flat")
    expect(page.get_by_role("list", name="Search results").get_by_role("listitem").first).to_be_visible()
    expect(page.get_by_role("list", name="Search results")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_count(1)
