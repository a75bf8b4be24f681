"""Where an export takes chats from: this device, the outbox, and the server."""

from __future__ import annotations

from hearth.engine.intents.writing import DeleteChat, NewChat, RenameChat, SendMessage
from tests.app.hearth.engine.transfer.exporting.test_exporter import chats_of, exported
from tests.app.hearth.engine.writing.live import items, live, opened


def test_what_waits_to_be_sent_is_the_persons_as_well() -> None:
    with live() as there:
        browser = there.signed_in()
        chat = there.open(browser)
        gone = items(browser)[-1].id
        browser.go_offline()
        there.do(browser, SendMessage(chat, "Waiting here"), RenameChat(chat, "Renamed"), DeleteChat(gone), NewChat())
        there.do(browser, SendMessage(opened(browser).id, "A beginning"))
        chats = {chat["id"]: chat for chat in chats_of(exported(there, browser))}
        assert gone not in chats
        assert chats[chat]["title"] == "Renamed"
        assert [each["text"] for each in chats[chat]["messages"]][-1] == "Waiting here"
        (begun,) = [each for each in chats.values() if each["title"] == "A beginning"]
        assert [each["text"] for each in begun["messages"]] == ["A beginning"]
