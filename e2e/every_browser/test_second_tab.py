"""Two tabs of one browser: the second one follows the first, and both leave together."""

from __future__ import annotations

from e2e.driver.device import Device
from e2e.driver.tab import Tab
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
)
from hearth_testing.server import Hearth


def both_signed_in(device: Device, hearth: Hearth) -> tuple[Tab, Tab]:
    """Two tabs of the person who stays signed in."""
    first = device.tab()
    sign_in(first, hearth, stay=True)
    second = device.tab()
    second.open(hearth.url)
    second.wait_for_mark("up-to-date")
    return first, second


def test_the_second_tab_shows_what_the_first_one_is_told_and_leaves_with_it(device: Device, fresh: Hearth) -> None:
    fresh.reset()
    first, second = both_signed_in(device, fresh)
    fresh.reset()
    count(second, CHAT, 12)
    second.wait_for(STATUS, "Up to date")
    here = fresh.account()["chats"][2]
    fresh.change(add_message={"chat_id": here["id"], "text": "Pushed to one, shown in all"})
    for tab in (first, second):
        # The chat moves to the top: pressed before that, the press could meet another line.
        tab.wait_until(CHAT, lambda found: bool(found) and found[0].name.startswith(here["title"]))
        open_chat(tab, here["title"])
        tab.wait_for(MESSAGE, "Pushed to one, shown in all")
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []
    sign_out(first)
    second.wait_for_mark("signed-out")
    second.wait_for(SIGN_IN)
    for tab in (first, second):
        assert left(tab) == EMPTY


def test_when_the_first_tab_is_closed_the_second_one_goes_on(device: Device, fresh: Hearth) -> None:
    first, second = both_signed_in(device, fresh)
    fresh.reset()
    first.close()
    here = fresh.account()["chats"][0]
    open_chat(second, here["title"])
    fresh.change(add_message={"chat_id": here["id"], "text": "After the hand-over"})
    second.wait_for(MESSAGE, "After the hand-over")
    second.reload()
    second.wait_for(MESSAGE, "After the hand-over")
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []


IS_CLONED = """
() => new Promise((resolve) => {
  const listening = new BroadcastChannel("hearth:keys"), question = "from a journey";
  listening.onmessage = ({ data }) => { if (data.answer === question) resolve(data.offered.key instanceof CryptoKey); };
  listening.onmessageerror = () => resolve(false);
  listening.postMessage({ question });
})
"""
"""Asks as a page that starts without a key does: whether the answer holds the key itself."""


def test_a_tab_for_a_chat_is_handed_the_key_of_the_first_one(device: Device, fresh: Hearth) -> None:
    """Without "Stay signed in" the key lies in session storage, which is each tab's own."""
    first = device.tab()
    sign_in(first, fresh)
    fresh.reset()
    chat = fresh.account()["chats"][5]
    second = device.tab()
    for visit in ("opened", "loaded anew"):
        if visit == "opened":
            second.open(f"{fresh.url}/#chat={chat['id']}")
        else:
            second.reload()
        second.wait_for_mark("up-to-date")
        second.wait_for(HEADING, chat["title"])
        count(second, CHAT, 12)
        assert "warm" not in marks(second)
    assert second.evaluate(IS_CLONED), "this browser clones keys to other tabs"
    first.wait_for(STATUS, "Up to date")
    assert first.seen(STATUS)[0].text == "Up to date", "and says nothing of a removal"
    assert [entry for entry in fresh.directus_log() if entry["method"] == "GET"] == []
    sign_out(first)
    second.wait_for_mark("signed-out")
    second.wait_for(SIGN_IN)
    for tab in (first, second):
        assert left(tab) == EMPTY
