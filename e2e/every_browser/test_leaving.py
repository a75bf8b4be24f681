"""Signing out leaves nothing on the device, in any tab, with a network and without."""

from __future__ import annotations

import pytest

from e2e.driver.tab import Role, Tab
from e2e.every_browser.steps import (
    CHAT,
    EMPTY,
    SIGN_IN,
    STATUS,
    count,
    fill_in,
    left,
    sign_in,
    sign_out,
    stored,
    title_of,
)
from hearth_testing.server import Hearth


@pytest.mark.parametrize("stay", [True, False], ids=["stay", "leave"])
def test_signing_out_leaves_nothing_with_a_network_and_without(tab: Tab, fresh: Hearth, stay: bool) -> None:
    sign_in(tab, fresh, stay=stay)
    title = title_of(tab)
    assert stored(tab)["databases"]
    sign_out(tab)
    assert left(tab) == EMPTY
    assert title not in tab.evaluate("() => document.title + document.documentElement.outerHTML")
    assert tab.evaluate("async () => (await fetch('/api/session')).status") == 401
    assert [each.value for each in tab.seen(Role("textbox", "Password"))] == [""]
    fill_in(tab, fresh)
    tab.click(SIGN_IN)
    tab.wait_for(STATUS, "Up to date")
    count(tab, CHAT, 12)
    fresh.stop()  # the next time it is without a network
    sign_out(tab)
    assert left(tab) == EMPTY
