"""Two people, one browser: the latest sign-in is the one that counts, and nothing of one is ever beside the other's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from hearth_testing import journey
from hearth_testing.server import Hearth
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD

MINE, THEIRS = "Zanzibarquokka", "Honoluluwombat"
ANOTHER = "Somebody signed in with another account in another tab"


@pytest.fixture
def hearth(serve: Callable[..., Hearth]) -> Hearth:
    """A server with a chat and a setting of either person that nobody else has."""
    server = serve("--chats", "12", "--messages", "4")
    for email, marker in ((server.email, MINE), (GUEST_EMAIL, THEIRS)):
        server.change(email=email, add_chat={"title": f"{marker} title", "messages": [{"text": f"{marker} text"}]})
        server.change(email=email, set_setting={"app": f"{marker} app", "name": marker, "value": f"{marker} value"})
    return server


def guest(hearth: Hearth) -> Hearth:
    """The same server, seen by the other person."""
    return replace(hearth, email=GUEST_EMAIL, password=GUEST_PASSWORD)


def chats_of(hearth: Hearth, email: str) -> list[str]:
    """The ids of an account's chats."""
    accounts = hearth._ask("accounts")
    listed = accounts["accounts"] if isinstance(accounts, dict) else accounts
    return [chat["id"] for each in listed if each["email"] == email for chat in each["chats"]]


def listen(page: Page) -> list[str]:
    """Every frame that a page gets and sends."""
    frames: list[str] = []

    def note(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: frames.append(str(frame)))
        socket.on("framereceived", lambda frame: frames.append(str(frame)))

    page.on("websocket", note)
    return frames


def submit(page: Page, hearth: Hearth, stay: bool = False) -> None:
    """Fill in the form and press the button."""
    journey.fill_in(page, hearth)
    page.get_by_role("checkbox", name="Stay signed in").set_checked(stay)
    page.get_by_role("button", name="Sign in").click()


def kept(page: Page) -> dict[str, Any]:
    """What is stored, without the page's own files."""
    everything = journey.stored(page)
    everything.pop("caches")
    return everything


def assert_only(page: Page, hearth: Hearth, mine: str, email: str, other_email: str) -> None:
    """One person's chats are on the page, and nothing of the other is anywhere."""
    theirs = THEIRS if mine == MINE else MINE
    expect(journey.chat_link(page, f"{mine} title")).to_have_count(1)
    expect(journey.chat_link(page, "Unreadable chat")).to_have_count(0)
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("region", name="Settings and memories")).to_contain_text(f"{mine} value")
    assert theirs not in page.content()
    everything = kept(page)
    assert len({name.split("/")[0] for name in everything["databases"] if name.startswith("hearth:")}) == 1
    stored = json.dumps(everything)
    assert all(chat in stored for chat in chats_of(hearth, email))
    assert not any(chat in stored for chat in chats_of(hearth, other_email))


def assert_signed_out(page: Page, marker: str) -> None:
    """The sign-in form, and no word of what was there."""
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(ANOTHER)
    assert marker not in page.content()


@pytest.mark.parametrize("stay", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_signing_in_as_somebody_else_signs_the_others_out(
    page: Page, context: BrowserContext, hearth: Hearth, stay: bool
) -> None:
    other = context.new_page()
    other.goto(hearth.url)
    journey.wait_for_mark(other, "python-ready")
    journey.sign_in(page, hearth, stay=stay)
    journey.open_chat(page, f"{MINE} title")
    submit(other, guest(hearth), stay=stay)
    journey.wait_for_mark(other, "up-to-date")
    assert_signed_out(page, MINE)
    journey.wait_for_mark(page, "signed-out")
    assert_only(other, hearth, THEIRS, GUEST_EMAIL, hearth.email)
    hearth.change(add_chat={"title": f"{MINE} later", "messages": []})
    other.reload()
    journey.wait_for_mark(other, "up-to-date")
    assert_only(other, hearth, THEIRS, GUEST_EMAIL, hearth.email)
    assert kept(page)["session"] == {}


def test_a_tab_that_hears_nothing_never_gets_the_others_data(
    page: Page, context: BrowserContext, hearth: Hearth
) -> None:
    """The channel between the tabs is cut: then the server is the one that does not take the account for another's."""
    context.add_init_script("Object.defineProperty(BroadcastChannel.prototype, 'postMessage', { value() {} })")
    other = context.new_page()
    other.goto(hearth.url)
    journey.wait_for_mark(other, "python-ready")
    frames = listen(page)
    journey.sign_in(page, hearth)
    submit(other, guest(hearth))
    journey.wait_for_mark(other, "up-to-date")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    journey.wait_for_mark(page, "signed-out")
    assert MINE not in page.content()
    assert_only(other, hearth, THEIRS, GUEST_EMAIL, hearth.email)
    theirs = chats_of(hearth, GUEST_EMAIL)
    assert not [frame for frame in frames if any(chat in frame for chat in theirs)]


def test_two_sign_ins_at_once_end_in_one_person(page: Page, context: BrowserContext, hearth: Hearth) -> None:
    other = context.new_page()
    for each, person in ((page, hearth), (other, guest(hearth))):
        each.goto(hearth.url)
        journey.wait_for_mark(each, "python-ready")
        journey.fill_in(each, person)
    press = "() => setTimeout(() => document.querySelector('#sign-in-button').click(), 50)"
    page.evaluate(press)
    other.evaluate(press)
    journey.wait_for_mark(page, "signed-in")
    journey.wait_for_mark(other, "signed-in")
    loser, winner = (page, other) if is_out(page, other) else (other, page)
    mine, email, theirs = (THEIRS, GUEST_EMAIL, hearth.email) if winner is other else (MINE, hearth.email, GUEST_EMAIL)
    assert_signed_out(loser, MINE if winner is other else THEIRS)
    journey.wait_for_mark(winner, "up-to-date")
    assert_only(winner, hearth, mine, email, theirs)


def is_out(page: Page, other: Page) -> bool:
    """Wait until one of two pages is signed out; whether it is the first."""
    out = "() => document.documentElement.dataset.phase === 'signed-out'"
    for _ in range(400):
        for each in (page, other):
            if each.evaluate(out):
                return each is page
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 25))")
    raise AssertionError("both are signed in")
