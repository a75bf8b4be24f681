"""Passkeys in a real browser, with an authenticator of its DevTools: added, used without an address, removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from e2e.test_accessibility import assert_accessible
from e2e.test_accounts import PASSWORD, create, enter, write
from hearth_testing.journey import heading, status, wait_for_mark
from hearth_testing.server import Hearth

pytestmark = pytest.mark.only_browser("chromium")

Authenticator = Callable[..., tuple[CDPSession, str]]


@pytest.fixture
def named(hearth: Hearth) -> Hearth:
    """The server under a name: a passkey belongs to none of figures."""
    other = Hearth()
    other.url = hearth.url.replace("127.0.0.1", "localhost")
    return other


@pytest.fixture
def authenticator(page: Page) -> Authenticator:
    """Gives the page an authenticator within the device."""

    def add(**options: Any) -> tuple[CDPSession, str]:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        wanted = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            "hasPrf": True,
            **options,
        }
        added = session.send("WebAuthn.addVirtualAuthenticator", {"options": wanted})
        return session, str(added["authenticatorId"])

    return add


def opened(page: Page, button: str) -> Locator:
    """Open a form of the settings' group "Account"."""
    if not page.get_by_role("region", name="Settings and memories").is_visible():
        page.get_by_role("button", name="Settings and memories").click()
    page.get_by_role("group", name="Account").get_by_role("button", name=button).click()
    return page.get_by_role("dialog")


def add(page: Page, name: str) -> Locator:
    """Fill in and submit the form that adds a passkey."""
    form = opened(page, "Add a passkey")
    form.get_by_label("Current password or recovery key").fill(PASSWORD)
    form.get_by_role("textbox", name="Name of the passkey").fill(name)
    form.get_by_role("button", name="Make a passkey").click()
    return form


def test_a_passkey_signs_in_without_an_address_until_it_is_removed(
    page: Page, named: Hearth, authenticator: Authenticator
) -> None:
    session, held = authenticator()
    create(page, named, "passkey@hearth.example")
    enter(page)
    write(page, "the first words")
    form = add(page, "My laptop")
    expect(form.get_by_role("status")).to_contain_text("“My laptop” opens your account now")
    assert_accessible(page)
    form.get_by_role("button", name="Close").click()
    (credential,) = session.send("WebAuthn.getCredentials", {"authenticatorId": held})["credentials"]
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    page.get_by_role("button", name="Sign out").click()
    wait_for_mark(page, "signed-out")
    page.get_by_role("button", name="Use a passkey").click()
    expect(heading(page)).to_have_text("the first words")
    page.reload()
    expect(status(page)).to_contain_text("Up to date")
    form = opened(page, "Show passkeys")
    passkeys = form.get_by_role("list", name="Passkeys").get_by_role("listitem")
    expect(passkeys).to_contain_text(["My laptop"])
    assert_accessible(page)
    form.get_by_role("button", name="Rename My laptop").click()
    form.get_by_role("textbox", name="New name").press("Escape")
    expect(passkeys).to_contain_text(["My laptop"])
    form.get_by_role("button", name="Rename My laptop").click()
    form.get_by_role("textbox", name="New name").fill("Old laptop")
    form.get_by_role("textbox", name="New name").press("Enter")
    expect(passkeys).to_contain_text(["Old laptop"])
    form.get_by_label("Current password or recovery key").fill(PASSWORD)
    form.get_by_role("button", name="Remove Old laptop").click()
    expect(form.get_by_role("status")).to_contain_text("opens your account no longer")
    expect(passkeys).to_have_count(0)
    form.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Sign out").click()
    wait_for_mark(page, "signed-out")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    assert_accessible(page)
    page.get_by_role("button", name="Back to sign in").click()
    expect(page.get_by_role("textbox", name="Email")).to_be_focused()


def test_without_the_extension_or_a_name_a_sentence_says_what_to_do(
    page: Page, hearth: Hearth, named: Hearth, authenticator: Authenticator
) -> None:
    authenticator(hasPrf=False)
    create(page, named, "no-prf@hearth.example")
    enter(page)
    form = add(page, "An old key")
    expect(form.get_by_role("alert")).to_contain_text("the PRF extension is missing")
    form.get_by_role("button", name="Close").click()
    form = opened(page, "Show passkeys")
    expect(form.get_by_role("status")).to_contain_text("no passkeys")
    page.goto(hearth.url)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("“localhost” instead of “127.0.0.1”")
