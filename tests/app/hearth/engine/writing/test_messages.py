"""Messages: sent, edited and deleted, here and on the other device."""

from __future__ import annotations

from hearth.core.view.message import Delivery
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import (
    DeleteChat,
    DeleteMessage,
    Discard,
    EditMessage,
    SendMessage,
    TryAgain,
)
from tests.app.hearth.engine.writing.live import Live, items, last, opened, screen, texts


def test_a_message_is_shown_stored_and_there_on_the_other_device(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one, 2)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, "Hello **you**"))
    for browser in (one, two):
        assert texts(browser)[-1] == "Hello **you**"
        assert last(browser).delivery is Delivery.DONE
        assert items(browser)[0].id == chat, "it is the last updated one now"
        assert screen(browser).status.sentence == "Up to date"
    assert one.device.marks.count("outbox-empty") == 1
    assert one.engine.current.session is not None
    assert one.engine.current.session.parts.integrity.of(chat) is None
    assert one.disk.outbox == {}
    assert {row["content"] for row in there.stored() if row["chat_id"] == chat} >= {
        row["content"] for row in one.disk.messages[chat].values()
    }


def test_own_messages_are_edited_and_deleted(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, "tpyo"))
    message = last(one).id
    there.do(one, EditMessage(chat, message, "typo"))
    for browser in (one, two):
        assert (last(browser).text, last(browser).edited) == ("typo", True)
    before = len(opened(two).messages)
    there.do(two, DeleteMessage(chat, message))
    for browser in (one, two):
        assert len(opened(browser).messages) == before - 1
    assert [row["content"] for row in there.stored() if row["id"] == message] == [None]


def test_a_message_that_waits_can_be_edited_and_deleted(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    one.go_offline()
    there.do(one, SendMessage(chat, "one"), SendMessage(chat, "two"))
    first, second = (each.id for each in opened(one).messages[-2:])
    there.do(one, EditMessage(chat, first, "ONE"), DeleteMessage(chat, second))
    assert texts(one)[-1] == "ONE"
    one.device.network.heal()
    there.until(lambda: screen(one).unsent == 0)
    assert (texts(one)[-1], last(one).edited) == ("ONE", True)
    assert [row["deleted_at"] is None for row in there.stored() if row["id"] == second] == [False]


def test_an_edit_of_what_was_edited_elsewhere_asks(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, "start"))
    message = last(one).id
    one.go_offline()
    there.do(one, EditMessage(chat, message, "mine"))
    there.do(two, EditMessage(chat, message, "theirs"))
    one.device.network.heal()
    there.until(lambda: last(one).delivery is Delivery.FAILED)
    assert (last(one).text, last(two).text) == ("mine", "theirs")
    assert "edited on another device" in last(one).problem
    assert "“theirs”" in last(one).problem, "both are shown"
    there.do(one, TryAgain(last(one).mutation))
    assert (last(one).text, last(two).text) == ("mine", "mine")
    assert last(one).delivery is Delivery.DONE


def test_a_message_into_a_chat_that_was_deleted_is_given_back(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    one.go_offline()
    there.do(one, SendMessage(chat, "into the void"))
    there.do(two, DeleteChat(chat), wait=15)
    one.device.network.heal()
    there.until(lambda: screen(one).status.sentence == "Up to date" and bool(last(one).problem))
    assert (last(one).text, last(one).delivery) == ("into the void", Delivery.FAILED)
    there.do(one, Discard(last(one).mutation))
    assert screen(one).unsent == 0
    assert len(items(one)) == 3
