"""A session that ends at the server: the page locks when that merely happened, and wipes when somebody wished it."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from e2e.test_sign_out import EMPTY, left
from hearth_testing import journey
from hearth_testing.server import Hearth

LOCKED = "Sign in again to go on where you were"


def assert_locked(page: Page, hearth: Hearth, title: str) -> None:
    """The form is there, filled in, and nothing else: not on the page, and no key and no name on the device."""
    expect(page.get_by_role("alert")).to_contain_text(LOCKED)
    expect(page.get_by_role("textbox", name="Email")).to_have_value(hearth.email)
    expect(page.get_by_role("textbox", name="Password")).to_be_focused()
    expect(journey.chats(page)).to_have_count(0)
    assert title not in page.content()
    stored = journey.stored(page)
    assert any(rows for rows in stored["databases"].values()), "what was stored stays"
    names = {name.partition(":")[0] for name in [*stored["session"], *stored["local"]]}
    assert names == {"hearth.locked", "hearth.stored"}
    assert hearth.email not in json.dumps(stored)
    assert len(stored["caches"]["hearth-halves"]) == 1, "the half of the key is gone, the one of the note is there"


def test_a_session_that_expired_locks_the_page_and_the_password_goes_on_where_the_person_was(
    page: Page, fresh: Hearth
) -> None:
    journey.sign_in(page, fresh)
    title = fresh.account()["chats"][4]["title"]
    journey.open_chat(page, title)
    fresh.change(end_sessions="expired")
    assert_locked(page, fresh, title)
    page.reload()
    assert_locked(page, fresh, title)
    page.get_by_role("textbox", name="Password").fill(fresh.password)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.heading(page)).to_have_text(title)
    expect(journey.chats(page)).to_have_count(12)
    assert "warm" not in journey.marks(page), "nothing was warmed anew"
    page.reload()
    expect(journey.heading(page)).to_have_text(title)


def test_what_is_stored_can_be_removed_from_the_lock_form_and_goes_with_a_revoked_session(
    page: Page, fresh: Hearth
) -> None:
    journey.sign_in(page, fresh, stay=True)
    page.context.clear_cookies()  # the server does not know who that is
    page.reload()
    assert_locked(page, fresh, str(fresh.account()["chats"][0]["title"]))
    expect(page.get_by_role("checkbox", name="Stay signed in")).to_be_checked()
    page.get_by_role("button", name="Remove what is stored here").click()
    journey.wait_for_mark(page, "signed-out")
    expect(page.get_by_role("button", name="Remove what is stored here")).to_be_hidden()
    assert left(page) == EMPTY
    journey.sign_in(page, fresh)
    fresh.change(end_sessions="revoked")
    expect(page.get_by_role("alert")).to_contain_text("nothing is left on this device")
    assert left(page) == EMPTY
