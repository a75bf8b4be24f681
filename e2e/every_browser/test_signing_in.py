"""A person signs in, and reads."""

from __future__ import annotations

from e2e.driver.tab import Role, Tab
from e2e.every_browser.steps import (
    ALERT,
    CHAT,
    HEADING,
    MESSAGE,
    SIGN_IN,
    STATUS,
    count,
    fill_in,
    marks,
    stored,
)
from hearth_testing.server import Hearth

PHASES = ["sign-in", "signed-in", "first-chat-shown", "recent-chats-stored", "settings-stored", "warm", "up-to-date"]


def test_from_a_wrong_password_to_everything_on_the_device(tab: Tab, hearth: Hearth) -> None:
    account = hearth.account()
    titles = {chat["id"]: chat["title"] for chat in account["chats"]}
    assert account["last_opened"] != account["chats"][0]["id"], "the last opened chat is not the last updated one"
    tab.open(hearth.url)
    fill_in(tab, hearth, password="not it")
    tab.click(SIGN_IN)
    tab.wait_for(ALERT, "wrong")
    assert [each.value for each in tab.seen(Role("textbox", "Email"))] == [hearth.email]
    fill_in(tab, hearth)
    tab.click(SIGN_IN)
    tab.wait_for_mark("up-to-date")
    tab.wait_for(STATUS, "Up to date")
    tab.wait_for(HEADING, titles[account["last_opened"]])
    tab.wait_for(MESSAGE)
    links = count(tab, CHAT, 100)
    assert links[0].name.startswith(account["chats"][0]["title"])
    assert [name for name in marks(tab) if name in PHASES] == ["sign-in", *PHASES], "pressed twice, let in once"
    sizes = {name.rsplit("/", 1)[1]: len(rows) for name, rows in stored(tab)["databases"].items()}
    assert sizes["chats"] == 100
    assert sizes["messages"] == sum(len(chat["messages"]) for chat in account["chats"][:100])
