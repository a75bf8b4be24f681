"""Writing: a message is sent, one waits for the network through a reload, and what is typed is not lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from e2e.driver.tab import Role, Tab
from e2e.every_browser.steps import MESSAGE, STATUS, chat, open_chat, sign_in, title_with_messages
from hearth_testing.server import Hearth

BOX = Role("textbox", "Message")
SEND = Role("button", "Send")


def texts_of(hearth: Hearth, title: str) -> int:
    """How many messages of a chat the server has."""
    return next(len(each["messages"]) for each in hearth.account()["chats"] if each["title"] == title)


def test_what_is_written_is_sent_or_waits_for_the_network(
    tab: Tab, serve: Callable[..., Hearth], tmp_path: Path
) -> None:
    data = ("--chats", "3", "--messages", "4", "--assistant", "none", "--data", str(tmp_path / "data.sqlite"))
    hearth = serve(*data)
    port = hearth.port
    sign_in(tab, hearth, stay=True)
    title = title_with_messages(hearth)
    open_chat(tab, title)
    before = texts_of(hearth, title)
    tab.fill(BOX, "Written in this browser")
    tab.click(SEND)
    tab.wait_for(MESSAGE, "Written in this browser")
    tab.wait_for_mark("outbox-empty")
    assert texts_of(hearth, title) == before + 1

    tab.wait_for_script("() => navigator.serviceWorker.controller !== null")
    hearth.stop()
    tab.wait_for(STATUS, "Offline")
    tab.fill(BOX, "Written without a network")
    tab.click(SEND)
    tab.wait_for(MESSAGE, "Waiting for the network")
    tab.fill(BOX, "Half a sen")
    tab.wait_for(chat(title), "Half a sen")
    tab.reload()
    tab.wait_for(MESSAGE, "Written without a network")
    tab.wait_until(BOX, lambda found: bool(found) and found[0].value == "Half a sen")

    hearth.start(port)
    tab.wait_for_mark("outbox-empty")
    tab.wait_until(MESSAGE, lambda found: bool(found) and "Waiting" not in found[-1].text)
    assert texts_of(hearth, title) == before + 2
