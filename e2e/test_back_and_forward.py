"""Back and forward, and addresses: what was opened last is closed, and the site is not left while something is open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

PHONE, TABLET, DESKTOP = (390, 844), (834, 1112), (1280, 800)


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def region(page: Page) -> Locator:
    return page.get_by_role("region", name="Settings and memories")


def chat_list(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Chats")


def results(page: Page) -> Locator:
    return page.get_by_role("list", name="Search results").get_by_role("link")


def search_for(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="Search").click()
    page.get_by_role("searchbox", name="Search").fill(text)
    expect(results(page).first).to_be_visible()


def put_behind_the_address(page: Page, text: str) -> None:
    """As if it were typed into the address bar of the open page."""
    page.evaluate("(text) => { location.hash = text }", text)


@pytest.fixture
def phone(page: Page, fresh: Hearth) -> Page:
    """A phone on which the chat opened last is shown."""
    resize(page, PHONE)
    journey.sign_in(page, fresh)
    expect(journey.messages(page).last).to_be_visible()
    return page


def test_on_a_phone_back_closes_what_was_opened_last(phone: Page, fresh: Hearth) -> None:
    address, first = phone.url, journey.heading(phone).inner_text()
    phone.go_back()
    expect(chat_list(phone)).to_be_visible()
    phone.go_forward()
    expect(journey.heading(phone)).to_have_text(first)
    phone.go_back()
    expect(chat_list(phone)).to_be_visible()

    phone.get_by_role("button", name="Settings and memories").click()
    expect(region(phone)).to_be_visible()
    phone.go_back()
    expect(region(phone)).to_be_hidden()
    expect(chat_list(phone)).to_be_visible()
    phone.go_forward()
    expect(region(phone)).to_be_visible()
    phone.go_back()
    expect(region(phone)).to_be_hidden()

    search_for(phone, "the")
    results(phone).first.click()
    expect(phone.get_by_role("button", name="Back to chats")).to_be_visible()
    phone.go_back()
    expect(results(phone).first).to_be_visible()
    phone.go_back()
    expect(results(phone)).to_have_count(0)
    expect(chat_list(phone)).to_be_visible()
    phone.go_forward()
    phone.go_forward()
    expect(journey.messages(phone).last).to_be_visible()
    assert phone.url == address


def test_on_a_phone_what_is_closed_by_its_button_is_not_in_the_way_of_back(page: Page, fresh: Hearth) -> None:
    resize(page, PHONE)
    page.goto(f"{fresh.url}/api/demo")
    journey.sign_in(page, fresh)
    expect(journey.messages(page).last).to_be_visible()
    page.get_by_role("button", name="Back to chats").click()
    page.get_by_role("button", name="Settings and memories").click()
    region(page).get_by_role("button", name="Close").click()
    expect(region(page)).to_be_hidden()
    search_for(page, "the")
    page.keyboard.press("Escape")
    expect(chat_list(page)).to_be_visible()
    search_for(page, "the")
    results(page).first.click()
    page.get_by_role("button", name="Back to chats").click()
    page.get_by_role("button", name="Leave search").click()
    expect(chat_list(page)).to_be_visible()
    journey.chats(page).nth(3).click()
    page.get_by_role("button", name="Back to chats").click()
    expect(chat_list(page)).to_be_visible()
    page.go_back()
    assert page.url.endswith("/api/demo")


def test_on_a_phone_a_reload_keeps_the_way_back(phone: Page, fresh: Hearth) -> None:
    phone.get_by_role("button", name="Back to chats").click()
    journey.open_chat(phone, fresh.account()["chats"][6]["title"])
    phone.reload()
    journey.wait_for_mark(phone, "up-to-date")
    expect(journey.messages(phone).last).to_be_visible()
    phone.go_back()
    expect(chat_list(phone)).to_be_visible()


def test_on_a_narrow_window_the_key_for_search_leads_to_it_and_back_to_the_chat(phone: Page) -> None:
    title = journey.heading(phone).inner_text()
    phone.keyboard.press("/")
    expect(phone.get_by_role("searchbox", name="Search")).to_be_focused()
    phone.go_back()
    expect(journey.messages(phone).last).to_be_visible()
    expect(journey.heading(phone)).to_have_text(title)
    phone.keyboard.press("Control+k")
    expect(phone.get_by_role("searchbox", name="Search")).to_be_focused()
    phone.keyboard.press("Escape")
    expect(journey.messages(phone).last).to_be_visible()


def test_a_window_that_becomes_narrow_is_not_left_by_back(page: Page, fresh: Hearth) -> None:
    resize(page, DESKTOP)
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    expect(region(page)).to_be_visible()
    resize(page, PHONE)
    expect(chat_list(page)).to_be_hidden()
    page.go_back()
    expect(region(page)).to_be_hidden()
    expect(journey.messages(page).last).to_be_visible()
    page.go_back()
    expect(chat_list(page)).to_be_visible()


def test_settings_in_place_of_the_chat_are_closed_by_back_and_beside_it_they_stay(page: Page, fresh: Hearth) -> None:
    resize(page, TABLET)
    journey.sign_in(page, fresh)
    titles = [chat["title"] for chat in fresh.account()["chats"]]
    journey.open_chat(page, titles[1])
    page.get_by_role("button", name="Settings and memories").click()
    expect(region(page)).to_be_visible()
    page.go_back()
    expect(region(page)).to_be_hidden()
    expect(journey.heading(page)).to_have_text(titles[1])

    resize(page, DESKTOP)
    page.get_by_role("button", name="Settings and memories").click()
    journey.open_chat(page, titles[2])
    page.go_back()
    expect(journey.heading(page)).to_have_text(titles[1])
    expect(region(page)).to_be_visible()


def test_an_address_put_into_the_open_tab_opens_its_chat(page: Page, fresh: Hearth) -> None:
    for size in (PHONE, DESKTOP):
        resize(page, size)
        journey.sign_in(page, fresh)
        assert_address_opens_its_chat(page, fresh, size)
        resize(page, DESKTOP)  # where one can sign out beside the chat
        journey.sign_out(page)


def assert_address_opens_its_chat(page: Page, fresh: Hearth, size: tuple[int, int]) -> None:
    """The chat that an address names opens, and the address is plain again."""
    address, chats = page.url, fresh.account()["chats"]
    put_behind_the_address(page, f"chat={chats[6]['id']}")
    expect(journey.heading(page)).to_have_text(chats[6]["title"])
    expect(journey.messages(page).last).to_be_visible()
    put_behind_the_address(page, f"chat={chats[6]['id']}")
    expect(journey.messages(page).last).to_be_visible()
    if size == PHONE:
        page.get_by_role("button", name="Back to chats").click()
        expect(chat_list(page)).to_be_visible()
        put_behind_the_address(page, f"chat={chats[6]['id']}")
        expect(journey.messages(page).last).to_be_visible()
    expect(journey.heading(page)).to_have_text(chats[6]["title"])
    assert page.url == address


def test_other_addresses_change_nothing(page: Page, fresh: Hearth) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{fresh.url}/#elsewhere")
    journey.fill_in(page, fresh)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "up-to-date")
    titles = [chat["title"] for chat in fresh.account()["chats"]]
    journey.open_chat(page, titles[1])
    journey.open_chat(page, titles[2])
    for text in ("settings", "chat", "chat=", "%F0%9F", "/../?x=<b>"):
        put_behind_the_address(page, text)
        expect(journey.heading(page)).to_have_text(titles[2])
        expect(journey.messages(page).last).to_be_visible()
    assert page.url.rstrip("/") == fresh.url
    journey.open_chat(page, titles[3])
    page.go_back()
    expect(journey.heading(page)).to_have_text(titles[2])
    page.go_forward()
    expect(journey.heading(page)).to_have_text(titles[3])
    assert errors == []


def test_a_chat_that_is_not_on_this_device_can_be_fetched(page: Page, serve: Callable[..., Hearth]) -> None:
    hearth = serve("--chats", "106", "--messages", "6")
    journey.sign_in(page, hearth)
    expect(journey.chats(page)).to_have_count(100)
    oldest = hearth.account()["chats"][-1]
    put_behind_the_address(page, f"chat={oldest['id']}")
    main = page.get_by_role("main")
    expect(main.get_by_text("This chat is not on this device")).to_be_visible()
    main.get_by_role("button", name="Fetch this chat").click()
    expect(journey.heading(page)).to_have_text(oldest["title"])
    expect(journey.heading(page)).to_be_focused()
    expect(journey.messages(page)).to_have_count(len(oldest["messages"]))
    expect(journey.chat_link(page, oldest["title"]).last).to_be_visible()

    put_behind_the_address(page, "chat=00000000-0000-4000-8000-000000000000")
    main.get_by_role("button", name="Fetch this chat").click()
    expect(main.get_by_text("It was deleted, or it is not one of your chats.")).to_be_visible()
    expect(main.get_by_role("button", name="Fetch this chat")).to_be_hidden()
    page.go_back()
    expect(journey.heading(page)).to_have_text(oldest["title"])
