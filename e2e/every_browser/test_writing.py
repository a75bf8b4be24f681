"""Writing: a message is sent, one waits for the network through a reload, a draft is not lost, and an answer comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from e2e.driver.tab import Role, Tab, wait
from e2e.every_browser.steps import MESSAGE, STATUS, chat, open_chat, sign_in, title_with_messages
from hearth_testing.server import Hearth

BOX = Role("textbox", "Message")
SEND = Role("button", "Send")
ENTER_OF_AN_INPUT_METHOD = """() => document.getElementById("message").dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true }))"""
ENTER = """(more) => document.getElementById("message").dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", keyCode: 13, bubbles: true, cancelable: true, ...more }))"""


def texts_of(hearth: Hearth, title: str) -> int:
    """How many messages of a chat the server has."""
    return next(len(each["messages"]) for each in hearth.account()["chats"] if each["title"] == title)


def until_written(hearth: Hearth, title: str, count: int) -> None:
    """Wait until the server has so many messages of a chat; the outbox may be empty after a draft already."""
    wait(lambda: texts_of(hearth, title) == count, lambda: f"there are not {count} messages at the server")


def test_what_is_written_is_sent_or_waits_for_the_network(
    tab: Tab, serve: Callable[..., Hearth], tmp_path: Path
) -> None:
    hearth = serve("--chats", "3", "--messages", "4", "--data", str(tmp_path / "data.sqlite"))
    port = hearth.port
    sign_in(tab, hearth, stay=True)
    title = title_with_messages(hearth)
    open_chat(tab, title)
    before = texts_of(hearth, title)
    tab.fill(BOX, "Written in this browser")
    assert tab.evaluate(ENTER_OF_AN_INPUT_METHOD), "it is left to the browser"
    assert tab.evaluate(ENTER, {"shiftKey": True}), "it breaks the line"
    assert not tab.evaluate(ENTER, {}), "it sends"
    tab.wait_for(MESSAGE, "Written in this browser")
    until_written(hearth, title, before + 1)

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
    until_written(hearth, title, before + 2)

    # An answer that comes byte by byte, among lines that nobody knows.
    hearth.fault(assistant="odd")
    tab.fill(BOX, "How do I pack for a week?")
    tab.evaluate(ENTER, {})
    tab.click(Role("button", "Ask the assistant"))
    tab.wait_until(MESSAGE, lambda found: bool(found) and found[-1].name.startswith("Assistant"))
    until_written(hearth, title, before + 4)
    assert "pack for a week" in tab.seen(MESSAGE)[-1].text
