"""An account of one's own in a real browser: made, recovered with its key, and given another password."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from e2e.test_accessibility import assert_accessible
from hearth_testing.journey import MARK_MS, heading, messages, status, wait_for_mark
from hearth_testing.server import Hearth

PASSWORD, OTHER = "seven grey herons by the river", "one more grey heron flies off"


def create(page: Page, hearth: Hearth, email: str) -> str:
    """Fill in the form until the recovery key is shown: the key."""
    page.goto(hearth.url)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("textbox", name="Repeat password").wait_for(timeout=MARK_MS)
    page.get_by_role("textbox", name="Email").fill(email)
    page.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
    expect(page.get_by_text(re.compile("hard to guess", re.IGNORECASE))).to_be_visible()
    page.get_by_role("textbox", name="Repeat password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Your recovery key")).to_be_visible()
    return page.locator("code").inner_text()


def enter(page: Page) -> None:
    """Say that the key is saved, and go on."""
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()
    page.get_by_role("checkbox", name="I have saved my recovery key").check()
    page.get_by_role("button", name="Continue").click()
    wait_for_mark(page, "warm")


def sign_in(page: Page, hearth: Hearth, email: str, password: str) -> None:
    """Open the page and submit the form."""
    page.goto(hearth.url)
    page.get_by_role("textbox", name="Email").fill(email)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def write(page: Page, text: str) -> None:
    """Write in a new chat, and wait until the server has it."""
    page.get_by_role("button", name="New chat").click()
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("textbox", name="Message").press("Enter")
    expect(messages(page).get_by_text(text)).to_be_visible()
    expect(page.get_by_text("Sending…")).to_have_count(0)


def test_an_account_is_made_and_recovered_with_its_key(
    page: Page, hearth: Hearth, tmp_path: Path, browser_name: str
) -> None:
    email = "ada@hearth.example"
    key = create(page, hearth, email)
    assert_accessible(page)
    if browser_name == "chromium":  # the stock Firefox tells its driver of no download
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        download.value.save_as(tmp_path / "key.txt")
        assert key in (tmp_path / "key.txt").read_text()
    enter(page)
    write(page, "the first words")
    page.get_by_role("button", name="Sign out").click()
    wait_for_mark(page, "signed-out")
    assert key not in page.content()
    page.get_by_role("button", name="Use a recovery key").click()
    page.get_by_role("textbox", name="Email").fill(email)
    assert_accessible(page)
    page.get_by_role("textbox", name="Recovery key").fill(key.replace("-", " ").lower())
    page.get_by_role("textbox", name="New password").fill(OTHER)
    page.get_by_role("textbox", name="Repeat password").fill(OTHER)
    page.get_by_role("button", name="Recover account").click()
    expect(heading(page)).to_have_text("the first words")
    expect(messages(page)).to_contain_text(["the first words"])
    page.reload()
    expect(messages(page)).to_contain_text(["the first words"])
    expect(status(page)).to_contain_text("Up to date")


def test_a_new_password_signs_the_other_device_out(page: Page, context: BrowserContext, hearth: Hearth) -> None:
    email = "grace@hearth.example"
    create(page, hearth, email)
    enter(page)
    assert context.browser
    other = context.browser.new_context().new_page()
    sign_in(other, hearth, email, PASSWORD)
    wait_for_mark(other, "up-to-date")
    page.get_by_role("button", name="Settings and memories").click()
    page.get_by_role("group", name="Account").get_by_role("button", name="Change password").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text("Your password was set: Today")
    assert_accessible(page)
    dialog.get_by_role("textbox", name="Current password or recovery key").fill(PASSWORD)
    dialog.get_by_role("textbox", name="New password").fill(OTHER)
    dialog.get_by_role("textbox", name="Repeat password").fill(OTHER)
    dialog.get_by_role("button", name="Set new password").click()
    expect(dialog.get_by_role("status")).to_contain_text("Your password was changed")
    wait_for_mark(other, "signed-out")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="New chat")).to_be_visible()
    sign_in(other, hearth, email, PASSWORD)
    expect(other.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_role("group", name="Account").get_by_role("button", name="Change e-mail address").click()
    dialog.get_by_role("textbox", name="Current password or recovery key").fill(OTHER)
    dialog.get_by_role("textbox", name="New address").fill("hopper@hearth.example")
    dialog.get_by_role("button", name="Set new address").click()
    expect(dialog.get_by_role("status")).to_contain_text("belongs to hopper@hearth.example now")
    dialog.get_by_role("button", name="Close").click()
    other.get_by_role("textbox", name="Email").fill("hopper@hearth.example")
    other.get_by_role("textbox", name="Password").fill(OTHER)
    other.get_by_role("button", name="Sign in").click()
    wait_for_mark(other, "up-to-date")
    other.context.close()
