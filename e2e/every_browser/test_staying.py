"""A reload finds the person signed in, and a restart of the browser only who chose to stay signed in."""

from __future__ import annotations

import pytest

from e2e.driver.device import Device
from e2e.driver.tab import Role, Tab
from e2e.every_browser.steps import (
    CHAT,
    EMPTY,
    HEADING,
    MESSAGE,
    SIGN_IN,
    STATUS,
    count,
    left,
    open_chat,
    sign_in,
    sign_out,
    title_of,
    title_with_messages,
)
from e2e.server import Hearth


@pytest.mark.parametrize("stay", [True, False], ids=["stay", "leave"])
def test_a_reload_finds_everything_there_and_asks_nothing(tab: Tab, fresh: Hearth, stay: bool) -> None:
    sign_in(tab, fresh, stay=stay)
    title = title_of(tab)
    fresh.reset()
    for _ in range(2):
        tab.reload()
        tab.wait_for_mark("up-to-date")
        tab.wait_for(HEADING, title)
        count(tab, CHAT, 12)
    assert fresh.directus_log() == []
    tab.wait_for(STATUS, "Up to date")
    sign_out(tab)
    assert left(tab) == EMPTY
    tab.reload()
    tab.wait_for(SIGN_IN)


def test_a_reload_shows_the_chat_that_the_person_opened(tab: Tab, fresh: Hearth) -> None:
    sign_in(tab, fresh)
    title = title_with_messages(fresh)
    open_chat(tab, title)
    tab.reload()
    tab.wait_for(HEADING, title)
    tab.wait_for(MESSAGE)


@pytest.mark.ordinary
@pytest.mark.parametrize("window", ["ordinary"], indirect=True)
@pytest.mark.parametrize("stay", [True, False], ids=["stay", "leave"])
def test_only_staying_signed_in_survives_a_restart(device: Device, fresh: Hearth, stay: bool) -> None:
    sign_in(device.tab(), fresh, stay=stay)
    device.restart()
    tab = device.tab()
    tab.open(fresh.url)
    if stay:
        tab.wait_for_mark("up-to-date")
        count(tab, CHAT, 12)
    else:
        tab.wait_for(SIGN_IN)
        tab.wait_for_mark("python-ready")
        tab.wait_for_script("async () => (await indexedDB.databases()).length === 0")
        assert left(tab) == EMPTY
    assert not tab.seen(Role("alert"))
