"""A tab that starts without a key beside one that is signed in: it is handed the key, or leaves the other one alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import ErrorCode, ServerError, SessionEnd, UpToDate
from hearth.core.view.screen import Phase
from hearth.engine.auth.wipe import IN_ANOTHER_TAB
from hearth.engine.intents.account import SignIn, SignOut
from hearth.engine.intents.chats import OpenChat
from hearth.engine.session import EVICTED, REMOVED_BY_TAB
from hearth.engine.storage.memory_store import Disk
from hearth.testing.tabs import FakeBrowser
from tests.account import EMAIL, PASSWORD
from tests.app.hearth.engine.journey import Journey


class Browser:
    """Tabs that share what is stored and the halves of keys; what is kept in session storage is each tab's own."""

    def __init__(self) -> None:
        self.shared = FakeBrowser()
        self.tabs: list[Journey] = []

    def open_tab(self) -> Journey:
        """A tab whose page is new."""
        tab = Journey(self.shared)
        if self.tabs:
            first = self.tabs[0].device
            tab.account, tab.device.api, tab.device.disks = self.tabs[0].account, first.api, first.disks
            tab.device.key_store.halves = first.key_store.halves
        self.tabs.append(tab)
        return tab

    def close(self, tab: Journey) -> None:
        """The tab is closed, or has crashed: its locks are gone with it."""
        for task in tab._tasks:
            task.cancel()
        tab.device.tabs.close()
        tab.device.key_store.closed = True


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    made = Browser()
    yield made
    for tab in made.tabs:
        for task in tab._tasks:
            task.cancel()


@pytest.fixture
async def first(browser: Browser) -> Journey:
    """A tab that is signed in, without "Stay signed in", and has everything."""
    tab = browser.open_tab()
    await tab.sign_in()
    tab.warm()
    await tab.current()
    return tab


async def signed_out(tab: Journey) -> None:
    await tab.until(lambda: tab.screen.phase is Phase.SIGNED_OUT)


async def test_a_second_tab_is_handed_the_key_and_follows_the_first(browser: Browser, first: Journey) -> None:
    second = browser.open_tab()
    await second.current()
    assert second.titles() == ["Beta", "Gamma", "Alpha"]
    assert Phase.SIGNED_OUT not in {screen.phase for screen in second.page.screens}
    assert second.device.sockets == []
    assert second.device.key_store.kept == first.device.key_store.kept
    assert first.screen.status.sentence == "Up to date"
    assert len(first.device.sockets) == 1


async def test_a_second_tab_goes_on_by_itself_when_the_first_is_closed(browser: Browser, first: Journey) -> None:
    second = browser.open_tab()
    await second.current()
    browser.close(first)
    hello = await second.greeted()
    assert hello["since"] == "100"
    second.device.tabs.release()
    second.load()
    await second.until(second.titles, "its own reload finds the key")


async def test_signing_out_in_either_tab_wipes_in_both(browser: Browser, first: Journey) -> None:
    second = browser.open_tab()
    await second.current()
    second.engine.post(SignOut())
    for tab in (first, second):
        await signed_out(tab)
        await tab.until(lambda tab=tab: tab.device.key_store.kept is None)  # type: ignore[misc]
    await second.until(lambda: "signed-out" in second.device.marks)
    assert first.device.disks == {}
    assert first.device.key_store.halves == set()
    third = browser.open_tab()
    await signed_out(third)
    assert third.screen.notice == ""


async def test_a_tab_that_lives_and_does_not_answer_keeps_everything(browser: Browser, first: Journey) -> None:
    disk, halves = dict(first.device.disks), set(first.device.key_store.halves)
    first.device.key_store.frozen = True
    second = browser.open_tab()
    await signed_out(second)
    assert second.screen.notice == IN_ANOTHER_TAB
    assert (first.device.disks, first.device.key_store.halves) == (disk, halves)
    assert second.device.api.signed_out == 0
    first.device.key_store.frozen = False
    first.engine.post(OpenChat("b"))
    await first.until(lambda: first.screen.chat and first.screen.chat.title == "Beta")
    assert first.screen.status.sentence == "Up to date"
    second.engine.post(SignIn(EMAIL, PASSWORD))
    await second.current()
    assert second.titles() == ["Beta", "Gamma", "Alpha"], "nothing was warmed anew"


async def test_what_a_tab_that_died_left_is_wiped(browser: Browser, first: Journey) -> None:
    browser.close(first)
    second = browser.open_tab()
    await signed_out(second)
    assert first.device.disks == {}
    assert second.device.key_store.halves == set()


async def test_two_tabs_that_start_at_once_are_both_handed_the_key(browser: Browser, first: Journey) -> None:
    second, third = browser.open_tab(), browser.open_tab()
    for tab in (second, third):
        await tab.current()
        assert tab.titles() == ["Beta", "Gamma", "Alpha"]
    assert first.screen.status.sentence == "Up to date"


async def test_two_tabs_that_start_at_once_and_alone_wipe_and_sign_in_one_after_the_other(browser: Browser) -> None:
    first = browser.open_tab()
    first.device.disks["gone"] = Disk()
    second = browser.open_tab()
    for tab in (first, second):
        await signed_out(tab)
    assert first.device.disks == {}
    for tab in (first, second):
        tab.engine.post(SignIn(EMAIL, PASSWORD))
    await first.until(lambda: first.device.sockets or second.device.sockets)
    leader = first if first.device.sockets else second
    await leader.greeted()
    leader.warm()
    for tab in (first, second):
        await tab.current()


async def test_a_wipe_that_was_begun_is_not_held_up_by_a_tab_that_lives(browser: Browser, first: Journey) -> None:
    second = browser.open_tab()
    for task in second._tasks:
        task.cancel()
    second.device.key_store.begin_wipe(first.account.id)
    second.load()
    await signed_out(second)
    await second.until(lambda: first.device.disks == {})


async def test_a_tab_beside_a_locked_one_is_locked_and_both_go_on_after_the_password(
    browser: Browser, first: Journey
) -> None:
    first.deliver(ServerError(code=ErrorCode.SESSION, message="Sign in again.", reason=SessionEnd.EXPIRED))
    await first.until(lambda: first.screen.locked and first.screen.email)
    second = browser.open_tab()
    await second.until(lambda: second.screen.locked and second.screen.email == EMAIL)
    assert first.device.disks
    second.engine.post(SignIn(EMAIL, PASSWORD))
    hello = await second.greeted()
    assert hello["since"] == "100"
    second.deliver(UpToDate(stamp="100"))
    for tab in (first, second):
        await tab.current()
        assert tab.titles() == ["Beta", "Gamma", "Alpha"]
    assert len(first.device.sockets) == 1, "it was handed the key of the new session, and follows"


@pytest.mark.parametrize("by_tab", [True, False])
async def test_who_took_the_storage_away_is_told_truly(first: Journey, by_tab: bool) -> None:
    first.device.disks.clear()
    assert first.device.on_gone
    first.device.on_gone(by_tab)
    await first.greeted(2)
    first.warm()
    await first.until(lambda: first.screen.status.sentence.startswith("Up to date. "))
    assert first.screen.status.sentence == f"Up to date. {REMOVED_BY_TAB if by_tab else EVICTED}"
