"""A person signs in and reads at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from hearth_testing import journey
from hearth_testing.server import Hearth


def test_a_cold_sign_in_costs_five_requests_two_of_them_at_once(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    log = fresh.directus_log()
    assert len(log) == 5
    by_collection = [entry["collection"] for entry in log]
    assert sorted(by_collection) == ["chats", "chats", "messages", "messages", "settings_and_memories"]
    first, second = log[0], log[1]
    assert {first["collection"], second["collection"]} == {"chats", "messages"}
    assert second["started_ms"] < first["finished_ms"], "requests 1 and 2 run at the same time"
    listing = next(entry for entry in log if entry["collection"] == "chats" and entry["rows"] > 1)
    bulk = [entry for entry in log if entry["collection"] == "messages"][-1]
    assert bulk["started_ms"] >= listing["finished_ms"], "request 4 needs the ids of request 3"


def test_the_form_can_be_used_before_python_has_arrived(page: Page, hearth: Hearth) -> None:
    held: list[Route] = []
    waiting = [True]
    page.route(
        re.compile(r"/-/(snapshot|pyodide)"), lambda route: held.append(route) if waiting[0] else route.continue_()
    )
    page.goto(hearth.url, wait_until="commit")
    journey.fill_in(page, hearth)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(re.compile("as soon as Hearth has loaded"))).to_be_visible()
    assert journey.marks(page) == ["sign-in"]
    waiting[0] = False
    for route in held:
        route.continue_()
    journey.wait_for_mark(page, "first-chat-shown")
    expect(journey.heading(page)).to_be_visible()


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(page: Page, hearth: Hearth) -> None:
    page.goto(hearth.url)
    journey.fill_in(page, hearth, password="not it")
    page.get_by_role("button", name="Sign in").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("wrong")
    said = alert.inner_text()
    expect(page.get_by_role("textbox", name="Email")).to_have_value(hearth.email)
    page.get_by_role("textbox", name="Email").fill("nobody@hearth.example")
    page.get_by_role("textbox", name="Password").fill("not it")
    page.get_by_role("button", name="Sign in").click()
    expect(alert).to_have_text(said)
    journey.fill_in(page, hearth)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "first-chat-shown")


def test_a_server_that_is_down_at_sign_in_is_told_and_tried_again(page: Page, fresh: Hearth) -> None:
    page.goto(fresh.url)
    journey.wait_for_mark(page, "python-ready")
    port = fresh.port
    fresh.stop()
    journey.fill_in(page, fresh)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    fresh.start(port)
    journey.fill_in(page, fresh)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "first-chat-shown")


@pytest.mark.parametrize(
    "count", [0, 11, 101, *(pytest.param(count, marks=pytest.mark.soak) for count in (1, 10, 100))]
)
def test_any_number_of_chats(page: Page, serve: Callable[..., Hearth], count: int) -> None:
    hearth = serve("--chats", str(count), "--messages", "3")
    journey.sign_in(page, hearth)
    expect(journey.chats(page)).to_have_count(min(count, 101) if count != 101 else len(expected_on_device(hearth)))
    if count == 0:
        expect(page.get_by_role("main")).to_contain_text(re.compile("no chats", re.IGNORECASE))
    else:
        expect(journey.heading(page)).not_to_be_empty()
    expect(journey.status(page)).to_contain_text("Up to date")


def expected_on_device(hearth: Hearth) -> set[str]:
    """The last 100 chats, and the last opened one if it is not among them."""
    account = hearth.account()
    return {chat["id"] for chat in account["chats"][:100]} | {account["last_opened"]}


def test_the_last_opened_chat_may_be_missing_or_far_back(page: Page, serve: Callable[..., Hearth]) -> None:
    hearth = serve("--chats", "105", "--messages", "3")
    account = hearth.account()
    newest, beyond = account["chats"][0], account["chats"][-1]

    def sign_in(last_opened: str | None, shown: str, count: int) -> None:
        hearth.change(set_last_opened={"chat_id": last_opened})
        hearth.reset()
        journey.sign_in(page, hearth)
        expect(journey.heading(page)).to_have_text(shown)
        expect(journey.chats(page)).to_have_count(count)

    sign_in(beyond["id"], beyond["title"], 101)
    seen = journey.marks(page)
    assert seen.index("first-chat-shown") < seen.index("recent-chats-stored")
    journey.sign_out(page)
    sign_in(None, newest["title"], 100)
    journey.sign_out(page)
    hearth.change(delete_chat=beyond["id"])
    sign_in(beyond["id"], newest["title"], 100)


def test_the_persons_own_choice_wins_over_a_slow_first_chat(page: Page, serve: Callable[..., Hearth]) -> None:
    hearth = serve("--chats", "30", "--messages", "3", "--latency-ms", "300")
    other = hearth.account()["chats"][2]["title"]
    journey.sign_in(page, hearth, until="signed-in")
    journey.chat_link(page, other).first.click()
    expect(journey.heading(page)).to_have_text(other)
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.heading(page)).to_have_text(other)


@pytest.mark.skip_browser("firefox")  # there Playwright gives a route no body to pass on
def test_a_browser_that_refuses_cookies_is_told_what_hearth_needs(page: Page, fresh: Hearth) -> None:
    def without_the_cookie(route: Route) -> None:
        answer = route.fetch()
        page.context.clear_cookies()
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        route.fulfill(response=answer, headers=headers)

    page.route("**/api/sign-in", without_the_cookie)
    page.goto(fresh.url)
    journey.fill_in(page, fresh)
    for _ in range(2):
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("cookie")
        expect(page.get_by_role("textbox", name="Email")).to_have_value(fresh.email)
        expect(page.get_by_role("textbox", name="Password")).to_have_value(fresh.password)
    half = "(field) => { field.value = 'half an emoji ' + String.fromCharCode(0xd83d); }"
    page.get_by_role("textbox", name="Password").evaluate(half)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("no character")
    page.unroute("**/api/sign-in")
    page.get_by_role("textbox", name="Email").fill(f"\ufeff\u200b{fresh.email}\u00a0")
    page.get_by_role("textbox", name="Password").fill(fresh.password)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "up-to-date")
