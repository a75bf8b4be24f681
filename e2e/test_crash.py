"""A tab that dies at any step leaves the device as before or as after it; the next one finishes what it began.

The steps are those that `crash_points.js` counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from e2e.crash_points import Tab
from e2e.test_faults import ids
from e2e.test_sign_out import EMPTY, left
from hearth_testing import journey
from hearth_testing.server import Hearth

Rows = dict[str, list[dict[str, Any]]]
BATCH = "chats messages settings_and_memories sync unindexed outbox"
SHARES = 12
"""Into so many tests the enumeration is cut."""

pytestmark = pytest.mark.only_browser("chromium")  # in which a test can end the process of a page


@pytest.fixture(scope="module")
def small() -> Iterator[Hearth]:
    """A server whose account warms in some 200 steps."""
    server = Hearth(("--chats", "6", "--messages", "4")).start()
    yield server
    server.stop()


@dataclass(slots=True)
class Undisturbed:
    """The records of a device after an undisturbed warming, and the steps of that and of the wipe after it."""

    records: Rows
    warming: list[str]
    wiping: list[str]


RECORDS = ("chats", "messages", "settings_and_memories")


def held(page: Page) -> Rows:
    """What is stored of the account, by store."""
    found = journey.stored(page)["databases"]
    return {name.split("/")[1]: each for name, each in found.items() if name.startswith("hearth:")}


def records(page: Page, hearth: Hearth) -> Rows:
    """What is stored of the account's records, which are those that the server has."""
    stored = held(page)
    for chat in hearth.account()["chats"]:
        assert {row["id"] for row in stored["messages"] if row["chat_id"] == chat["id"]} == set(ids(chat))
    assert {row["id"] for row in stored["chats"]} == {chat["id"] for chat in hearth.account()["chats"]}
    return {name: stored[name] for name in RECORDS}


@pytest.fixture(scope="module")
def undisturbed(browser: Browser, small: Hearth) -> Undisturbed:
    """A visit that nobody disturbs."""
    context = browser.new_context()
    tab = Tab.opened(context, small)
    with tab.page.expect_console_message(lambda message: message.text.startswith("no crash point")):
        tab.sign_in()
    warming = tab.names()
    assert {"hello", "ack"} <= {name.removeprefix("sent ") for name in warming}
    assert warming.count(f"committed {BATCH}") >= 4
    found = records(tab.page, small)
    tab.press("Sign out")
    journey.wait_for_mark(tab.page, "signed-out")
    wiping = tab.names()
    context.close()
    table = (Path(__file__).parents[1] / "docs/security.md").read_text(encoding="utf-8")
    stated = re.search(r"\(at least ([0-9]+) points of a warming, at least ([0-9]+) of a wipe", table)
    assert stated
    assert (int(stated[1]), int(stated[2])) <= (len(warming), len(wiping)), "the figures in the table of faults"
    return Undisturbed(found, warming, wiping)


def assert_as_before_or_as_after(stored: Rows, whole: Rows) -> None:
    """Of each batch everything is there or nothing; what the sync state stands for is stored."""
    if not stored:
        return  # not even the schema
    for name in RECORDS:
        assert all(row in whole[name] for row in stored[name]), f"{name} hold what the server has not"
    sync = {row["name"]: row["value"] for row in stored["sync"]}
    assert len(stored["settings_and_memories"]) in (0, len(whole["settings_and_memories"]))
    here = {row["id"] for row in stored["chats"]}
    for chat in {row["id"] for row in whole["chats"]}:
        have, own = ([row for row in rows["messages"] if row["chat_id"] == chat] for rows in (stored, whole))
        assert have in ([], own), "a chat is half here"
        assert chat in here or not have
        assert have == own or f"have:{chat}" not in sync
    if "cursor" in sync:
        assert {name: stored[name] for name in RECORDS} == whole
    marked = {row["id"] for row in stored["unindexed"]}
    assert stored["search"] or marked == {row["chat_id"] for row in stored["messages"]}


def look(context: BrowserContext, hearth: Hearth) -> Rows:
    """What lies on the device, seen from a page without the app."""
    page = context.new_page()
    page.goto(f"{hearth.url}/control/accounts")
    found = held(page)
    page.close()
    return found


def finishes(context: BrowserContext, hearth: Hearth) -> Rows:
    """The next tab goes on by itself, or asks for the password if the key was not kept yet: in the end it has all."""
    page = context.new_page()
    page.goto(hearth.url)
    journey.wait_for_mark(page, "python-ready")
    if page.evaluate("() => Object.keys(localStorage).every((name) => !name.startsWith('hearth.key'))"):
        journey.fill_in(page, hearth)
        page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "checked")
    expect(journey.status(page)).to_have_text("Up to date")
    found = records(page, hearth)
    expect(journey.chats(page)).to_have_count(len(found["chats"]))
    page.close()
    return found


def assert_nothing_is_left(context: BrowserContext, hearth: Hearth) -> None:
    """The next tab finishes the wipe before it shows anything, and the server's session is over."""
    page = context.new_page()
    page.goto(hearth.url)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    journey.wait_for_mark(page, "python-ready")
    page.wait_for_function("() => localStorage.getItem('hearth.wiping') === null")
    assert left(page) == EMPTY
    expect(page.get_by_role("alert")).to_have_count(0)
    page.wait_for_function("() => !document.cookie.includes('hearth_unended')")
    assert page.request.get(f"{hearth.url}/api/session").status == 401


def share(points: list[str], which: int) -> list[int]:
    """The numbers of the steps that one of the tests takes."""
    return list(range(1, len(points) + 1))[which::SHARES]


@pytest.mark.soak
@pytest.mark.parametrize("which", range(SHARES))
def test_every_step_of_a_warming_is_a_crash_point_that_loses_nothing(
    browser: Browser, small: Hearth, undisturbed: Undisturbed, which: int
) -> None:
    for at in share(undisturbed.warming, which):
        small.reset()
        context = browser.new_context()
        tab = Tab.opened(context, small)
        died = tab.dies(partial(tab.sign_in, at))
        try:
            assert_as_before_or_as_after(look(context, small), undisturbed.records)
            assert finishes(context, small) == undisturbed.records
        except (AssertionError, Error) as error:
            raise AssertionError(f"died at step {at}, {died}: {error}") from error
        context.close()


@pytest.mark.soak
def test_every_step_of_a_wipe_is_a_crash_point_after_which_nothing_is_left(
    browser: Browser, small: Hearth, undisturbed: Undisturbed
) -> None:
    for at in range(1, len(undisturbed.wiping) + 1):
        small.reset()
        context = browser.new_context()
        tab = Tab.opened(context, small)
        tab.sign_in()
        journey.wait_for_mark(tab.page, "checked")
        died = tab.dies(partial(tab.press, "Sign out", at))
        try:
            assert_nothing_is_left(context, small)
        except (AssertionError, Error) as error:
            raise AssertionError(f"died at step {at}, {died}: {error}") from error
        context.close()


@pytest.mark.soak
def test_a_tab_that_dies_again_and_again_still_finishes(context: BrowserContext, small: Hearth) -> None:
    small.reset()
    tab = Tab.opened(context, small)
    assert tab.dies(partial(tab.sign_in, "add messages"))
    seen = [look(context, small)]
    for at in (f"committed {BATCH}", "put settings_and_memories", "put search"):
        tab = Tab.opened(context, small, at)
        assert tab.dies(tab.load) == at
        seen.append(look(context, small))
    whole = finishes(context, small)
    for each in seen:
        assert_as_before_or_as_after(each, whole)
    tab = Tab.opened(context, small)
    tab.load()
    journey.wait_for_mark(tab.page, "first-chat-shown")
    assert tab.dies(partial(tab.press, "Sign out", "setItem hearth.wiping"))
    tab = Tab.opened(context, small, "delete hearth")
    assert tab.dies(tab.load)
    assert_nothing_is_left(context, small)
