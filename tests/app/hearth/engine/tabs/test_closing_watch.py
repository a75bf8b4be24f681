"""Closing a tab warns while that would lose what is not sent, and at no other time."""

from __future__ import annotations

from hearth.engine.intents.account import SignIn, SignOut
from hearth.engine.intents.writing import DeleteChat, Discard, SendMessage
from hearth.testing.tabs import FakeTabs
from tests.app.hearth.engine.writing.live import Live, last, screen
from tests.peers import Browser
from tests.server_mock.world import EMAIL, PASSWORD


def offline(there: Live, *, stay: bool = False) -> tuple[Browser, str]:
    """A browser with a chat open and no network."""
    one = there.signed_in()
    if stay:
        there.do(one, SignOut(), wait=5)
        there.do(one, SignIn(EMAIL, PASSWORD, stay=True), wait=5)
    chat = there.open(one)
    one.go_offline()
    there.wait()
    return one, chat


def warns(browser: Browser) -> bool:
    return screen(browser).loses_when_closed


def test_it_warns_until_everything_is_sent(there: Live) -> None:
    one, chat = offline(there)
    assert not warns(one)
    there.do(one, SendMessage(chat, "wait for me"))
    assert warns(one)
    there.reload(one)
    assert warns(one)
    one.device.network.heal()
    there.until(lambda: screen(one).unsent == 0)
    assert not warns(one)


def test_what_was_refused_is_not_sent_either(there: Live) -> None:
    one, chat = offline(there)
    two = there.signed_in()
    there.do(one, SendMessage(chat, "into the void"))
    there.do(two, DeleteChat(chat), wait=15)
    one.device.network.heal()
    there.until(lambda: bool(last(one).problem))
    assert warns(one)
    there.do(one, Discard(last(one).mutation))
    assert not warns(one)


def test_who_stays_signed_in_is_never_warned(there: Live) -> None:
    one, chat = offline(there, stay=True)
    there.do(one, SendMessage(chat, "wait for me"))
    assert screen(one).unsent == 1
    assert not warns(one)


def test_another_tab_of_the_account_keeps_it(there: Live) -> None:
    one, chat = offline(there)
    tabs = FakeTabs(one.device.tabs.browser)
    assert one.account
    there.run(tabs.claim(one.account, lambda: None, lambda: None))
    there.do(one, SendMessage(chat, "wait for me"), wait=5)
    assert not warns(one)
    tabs.close()
    there.wait(5)
    assert warns(one), "this one is the last now"
    there.run(FakeTabs(one.device.tabs.browser).claim("another account", lambda: None, lambda: None))
    there.wait(5)
    assert warns(one)


def test_who_signs_out_is_not_warned_again(there: Live) -> None:
    one, chat = offline(there)
    there.do(one, SendMessage(chat, "wait for me"))
    assert warns(one)
    there.do(one, SignOut(lose=True), wait=5)
    assert not warns(one)
