"""Somebody answers: asked for consent first, the person watches an answer come, stops one, and asks again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, expect

from e2e.test_accessibility import assert_accessible
from e2e.test_writing import box, button, last, open_first
from hearth_testing import journey
from hearth_testing.server import Hearth

LONG = "Tell me a long story"


def test_an_answer_comes_once_the_person_agrees_is_stopped_and_stays(
    page: Page, browser: Browser, fresh: Hearth
) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if is_question(request) else None)
    title = open_first(page, fresh)
    box(page).fill(LONG)
    box(page).press("Enter")
    question = page.get_by_role("group", name="Assistant")
    expect(question).to_contain_text("leave the encryption")
    expect(question).to_contain_text(f"127.0.0.1:{fresh.port}")
    expect(box(page)).to_be_focused()
    assert asked == [], "nothing leaves before the person agrees"
    button(page, "Ask the assistant").click()
    expect(button(page, "Stop")).to_be_visible()
    expect(last(page)).to_have_accessible_name(re.compile("^Assistant"))
    log = page.get_by_role("log", name="Messages")
    expect(log).to_have_attribute("aria-busy", "true")
    expect(last(page).locator("p").nth(1)).to_be_visible()
    button(page, "Stop").click()
    expect(button(page, "Stop")).to_have_count(0)
    expect(log).to_have_attribute("aria-busy", "false")
    expect(box(page)).to_be_focused()
    expect(last(page)).to_contain_text("long story")
    expect(last(page)).not_to_contain_text("Interrupted")
    came = last(page).locator(".prose").inner_text()
    assert len(asked) == 1

    other = browser.new_context().new_page()
    journey.sign_in(other, fresh)
    journey.open_chat(other, title)
    page.reload()
    journey.wait_for_mark(page, "up-to-date")
    for each in (page, other):
        expect(last(each).locator(".prose")).to_have_text(came, use_inner_text=True)

    # Agreed to once, it answers the next message by itself, and on the account's other devices.
    box(other).fill("How do I pack for a week?")
    box(other).press("Enter")
    for each in (other, page):
        expect(last(each).locator("ol > li")).to_have_count(3)
        expect(last(each)).to_have_accessible_name(re.compile("^Assistant"))
    expect(button(other, "Stop")).to_have_count(0)
    other.context.close()

    # One question too many is refused, and one answer breaks off: what came stays above the next one.
    fresh.fault(assistant="busy", times=1)
    box(page).fill("And what for two weeks?")
    box(page).press("Enter")
    expect(page.get_by_role("group", name="Assistant")).to_contain_text("Try again in 30 seconds")
    fresh.fault(assistant="cut", times=1)
    button(page, "Ask again").click()
    expect(last(page)).to_contain_text("Interrupted")
    button(page, "Ask again").click()
    expect(last(page)).not_to_contain_text("Interrupted")
    expect(last(page)).to_contain_text("two weeks")
    expect(journey.messages(page).filter(has_text="Interrupted")).to_have_count(1)
    expect(button(page, "Stop")).to_have_count(0, timeout=15_000)


def test_what_came_before_the_server_went_stays_and_is_asked_for_again(
    page: Page, serve: Callable[..., Hearth], tmp_path: Path
) -> None:
    server = serve("--chats", "12", "--messages", "6", "--data", str(tmp_path / "data"))
    open_first(page, server, stay=True)  # a reload asks nothing then
    box(page).fill(LONG)
    box(page).press("Enter")
    expect(button(page, "Ask the assistant")).to_be_visible()
    assert_accessible(page)
    button(page, "Ask the assistant").click()
    expect(last(page).locator("p").nth(1)).to_be_visible()
    port = server.port
    server.stop()
    expect(last(page)).to_contain_text("Interrupted")
    expect(button(page, "Stop")).to_have_count(0)
    assert_accessible(page)
    button(page, "Ask again").click()
    expect(page.get_by_role("group", name="Assistant")).to_contain_text("connection")
    server.start(port)
    journey.wait_for_mark(page, "outbox-empty")
    button(page, "Ask again").click()
    expect(button(page, "Stop")).to_be_visible()
    expect(last(page)).to_contain_text("Answering")

    # The page goes half-way: what came a second ago is there again.
    expect(last(page).locator("p").nth(2)).to_be_visible()
    page.reload()
    expect(last(page)).to_contain_text("Interrupted")
    expect(last(page)).to_contain_text("long story")
    expect(button(page, "Ask again")).to_be_visible()


def test_a_server_without_an_assistant_is_a_notebook(page: Page, serve: Callable[..., Hearth]) -> None:
    open_first(page, serve("--chats", "2", "--messages", "2", "--assistant", "none"))
    with page.expect_response("**/api/assistant?*") as answered:
        box(page).fill("Nobody answers")
        box(page).press("Enter")
    assert answered.value.status == 204
    expect(last(page)).to_contain_text("Nobody answers")
    expect(page.get_by_role("group", name="Assistant")).to_have_count(0)


def is_question(request: Request) -> bool:
    """Whether a request carries text to the assistant."""
    return request.method == "POST" and "/api/assistant" in request.url
