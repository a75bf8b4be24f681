"""What somebody was writing when its chat or message was deleted elsewhere: it is kept, and shown, as not sent."""

from __future__ import annotations

import pytest

from hearth.core.view.message import Delivery
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import (
    DeleteChat,
    DeleteMessage,
    Discard,
    EditMessage,
    PinChat,
    RenameChat,
    SendMessage,
    TryAgain,
    TypeDraft,
)
from hearth.engine.writing.unsent_texts import CHAT_GONE, MESSAGE_GONE, TITLE_GONE
from tests.app.hearth.engine.writing.live import Live, items, last, opened, screen, texts
from tests.peers import Browser


def begin(there: Live) -> tuple[Browser, Browser, str, str]:
    """Two devices with a chat open in which one has written a message."""
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, "as it was"))
    return one, two, chat, last(one).id


def given_back(browser: Browser, text: str, problem: str) -> None:
    assert (last(browser).text, last(browser).delivery, last(browser).problem) == (text, Delivery.FAILED, problem)
    assert screen(browser).unsent == 1


class TestEdit:
    def test_of_a_message_that_is_deleted_by_then(self, there: Live) -> None:
        one, two, chat, message = begin(there)
        there.do(two, DeleteMessage(chat, message))
        there.do(one, EditMessage(chat, message, "as it is to be"))
        given_back(one, "as it is to be", MESSAGE_GONE)
        there.do(one, TryAgain(last(one).mutation))
        for browser in (one, two):
            assert texts(browser)[-1] == "as it is to be"
            assert last(browser).delivery is Delivery.DONE
        assert last(one).id != message

    def test_of_a_message_that_is_deleted_while_it_is_under_way(self, there: Live) -> None:
        one, two, chat, message = begin(there)
        one.go_offline()
        there.do(one, EditMessage(chat, message, "as it is to be"))
        there.do(two, DeleteMessage(chat, message))
        one.device.network.heal()
        there.until(lambda: last(one).delivery is Delivery.FAILED)
        given_back(one, "as it is to be", MESSAGE_GONE)
        there.reload(one)
        there.do(one, OpenChat(chat))
        given_back(one, "as it is to be", MESSAGE_GONE)
        there.do(one, Discard(last(one).mutation))
        assert (screen(one).unsent, one.disk.outbox) == (0, {})

    @pytest.mark.parametrize("under_way", [True, False])
    def test_in_a_chat_that_is_deleted(self, there: Live, under_way: bool) -> None:
        one, two, chat, message = begin(there)
        if under_way:
            one.go_offline()
            there.do(one, EditMessage(chat, message, "as it is to be"))
        there.do(two, DeleteChat(chat), wait=15)
        if not under_way:
            there.do(one, EditMessage(chat, message, "as it is to be"))
        one.device.network.heal()
        there.until(lambda: screen(one).unsent == 1 and bool(last(one).problem))
        given_back(one, "as it is to be", CHAT_GONE)
        assert not opened(one).writable
        assert "A deleted chat" in [item.title for item in items(one)]
        there.do(one, TryAgain(last(one).mutation))
        given_back(one, "as it is to be", CHAT_GONE)
        there.do(one, Discard(last(one).mutation))
        assert len(items(one)) == 3


class TestBox:
    def test_what_stands_in_it_is_kept_when_its_chat_is_deleted(self, there: Live) -> None:
        one, two, chat, _ = begin(there)
        there.do(one, TypeDraft(chat, "half a thought"), wait=4)
        there.do(one, TypeDraft(chat, "half a thought, and more"), wait=0.1)
        there.do(two, DeleteChat(chat), wait=15)
        given_back(one, "half a thought, and more", CHAT_GONE)
        assert screen(one).composer.text == ""
        there.reload(one)
        there.do(one, OpenChat(chat))
        given_back(one, "half a thought, and more", CHAT_GONE)
        assert not opened(one).writable
        there.do(one, TypeDraft(chat, "half a thought, and more still"), wait=4)
        given_back(one, "half a thought, and more still", CHAT_GONE)

    def test_a_draft_that_was_never_sent_is_kept(self, there: Live) -> None:
        one, two, chat, _ = begin(there)
        one.go_offline()
        there.do(one, TypeDraft(chat, "typed offline"), wait=4)
        there.do(one, OpenChat(items(one)[1].id))
        there.do(two, DeleteChat(chat), wait=15)
        one.device.network.heal()
        there.until(lambda: screen(one).unsent == 1)
        there.do(one, OpenChat(chat))
        given_back(one, "typed offline", CHAT_GONE)

    def test_a_draft_and_what_was_typed_after_it_are_one(self, there: Live) -> None:
        one, two, chat, _ = begin(there)
        one.go_offline()
        there.do(one, TypeDraft(chat, "typed"), wait=4)
        there.do(one, TypeDraft(chat, "typed offline"), wait=0.1)
        there.do(two, DeleteChat(chat), wait=15)
        one.device.network.heal()
        there.until(lambda: screen(one).unsent == 1 and screen(one).status.sentence == "Up to date")
        there.wait(5)
        given_back(one, "typed offline", CHAT_GONE)

    def test_nothing_is_kept_where_nobody_was_typing(self, there: Live) -> None:
        one, two, chat, _ = begin(there)
        there.do(one, TypeDraft(chat, "everybody has seen it"), wait=6)
        there.reload(two)
        there.do(two, OpenChat(chat))
        there.reload(one)
        there.do(one, OpenChat(chat))
        there.do(two, DeleteChat(chat), wait=15)
        assert screen(one).unsent == 0
        assert screen(two).unsent == 0

    def test_who_deletes_the_chat_deletes_its_draft(self, there: Live) -> None:
        one, _, chat, _ = begin(there)
        one.go_offline()
        there.do(one, TypeDraft(chat, "not needed"), DeleteChat(chat), wait=15)
        one.device.network.heal()
        there.until(lambda: screen(one).status.sentence == "Up to date")
        there.wait(10)
        assert (screen(one).unsent, len(items(one)), one.disk.outbox) == (0, 3, {})


class TestTitle:
    @pytest.mark.parametrize("under_way", [True, False])
    def test_of_a_chat_that_is_deleted(self, there: Live, under_way: bool) -> None:
        one, two, chat, _ = begin(there)
        if under_way:
            one.go_offline()
            there.do(one, RenameChat(chat, "Summer in Lisbon"), PinChat(chat, True))
        there.do(two, DeleteChat(chat), wait=15)
        if not under_way:
            there.do(one, RenameChat(chat, "Summer in Lisbon"))
        one.device.network.heal()
        there.until(lambda: screen(one).unsent == 1 and bool(last(one).problem))
        given_back(one, "Summer in Lisbon", TITLE_GONE)
        there.reload(one)
        there.do(one, OpenChat(chat))
        given_back(one, "Summer in Lisbon", TITLE_GONE)
        there.do(one, Discard(last(one).mutation))
        assert (screen(one).unsent, one.disk.outbox) == (0, {})
        assert len(items(one)) == 3
