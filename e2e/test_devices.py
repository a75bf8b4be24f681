"""The account's devices: one signs another out, which wipes itself and reports it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from e2e.test_sign_out import EMPTY, left
from hearth_testing import journey
from hearth_testing.server import Hearth


def test_a_device_signs_another_out_which_wipes_itself_and_reports_it(
    page: Page, device: Callable[..., Page], fresh: Hearth
) -> None:
    other = device("another", signed_in=False)
    journey.sign_in(other, fresh, stay=True)
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    account = page.get_by_role("group", name="Account")
    devices = account.get_by_role("list", name="Devices").get_by_role("listitem")
    expect(devices).to_have_count(2)
    expect(devices.nth(0)).to_contain_text("This device.")
    expect(devices.nth(1)).to_contain_text("Online now.")
    expect(devices.filter(has_text=" on Linux")).to_have_count(2)
    expect(devices.nth(0).get_by_role("button")).to_have_count(0)
    devices.nth(1).get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("alert")).to_contain_text("nothing is left on this device")
    assert left(other) == EMPTY
    expect(devices.nth(1)).to_contain_text("It reported that it has deleted what it stored")
    expect(devices.nth(1).get_by_role("button")).to_have_count(0)


def test_a_deleted_account_is_gone_from_every_device_and_from_the_server(
    page: Page, device: Callable[..., Page], fresh: Hearth
) -> None:
    other = device("another", signed_in=False)
    journey.sign_in(other, fresh, stay=True)
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Settings and memories").click()
    page.get_by_role("group", name="Account").get_by_role("button", name="Delete account").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Password or recovery key").fill(fresh.password)
    form.get_by_role("button", name="Delete for good").click()
    expect(form.get_by_role("alert")).to_contain_text("Type the word")
    form.get_by_label("to confirm").fill("delete")
    form.get_by_role("button", name="Delete for good").click()
    for each in (page, other):
        expect(each.get_by_role("alert")).to_contain_text("nothing is left on this device")
        assert left(each) == EMPTY
    journey.fill_in(other, fresh)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("alert")).to_contain_text("wrong")
