"""A reload finds the person signed in, and a restart of the browser only who chose to stay signed in."""

from __future__ import annotations

import time

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
    marks,
    open_chat,
    sign_in,
    sign_out,
    title_of,
    title_with_messages,
)
from hearth_testing.server import Hearth


def told_to_the_server(hearth: Hearth, title: str) -> None:
    """Wait until the server knows which chat was opened last: that is written, and later than it is shown."""
    chat = next(each["id"] for each in hearth.account()["chats"] if each["title"] == title)
    deadline = time.monotonic() + 10
    while hearth.account()["last_opened"] != chat:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("stay", [True, False], ids=["stay", "leave"])
def test_a_reload_finds_everything_there_and_asks_nothing(tab: Tab, fresh: Hearth, stay: bool) -> None:
    sign_in(tab, fresh, stay=stay)
    title = title_with_messages(fresh)
    assert title != title_of(tab)
    open_chat(tab, title)
    told_to_the_server(fresh, title)
    fresh.reset()
    for _ in range(2):
        tab.reload()
        tab.wait_for_mark("up-to-date")
        tab.wait_for(HEADING, title)
        tab.wait_for(MESSAGE)
        count(tab, CHAT, 12)
        assert "warm" not in marks(tab)
    assert fresh.directus_log() == []
    tab.wait_for(STATUS, "Up to date")
    sign_out(tab)
    assert left(tab) == EMPTY
    tab.reload()
    tab.wait_for(SIGN_IN)


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
