"""Chats that are begun, renamed, pinned and deleted."""

from __future__ import annotations

from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import (
    DeleteChat,
    NewChat,
    PinChat,
    RenameChat,
    SendMessage,
    TypeDraft,
    UndoDelete,
)
from tests.app.hearth.engine.writing.live import Live, items, opened, screen, texts


def test_a_new_chat_exists_from_its_first_message_on(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    there.do(one, NewChat())
    chat = opened(one)
    assert (chat.state, chat.is_new, len(items(one))) == (ChatState.EMPTY, True, 4)
    there.do(one, SendMessage(chat.id, "# Soup for eight\nmore"))
    assert len(there.stored("chats")) == 5
    assert (items(one)[0].title, items(two)[0].title) == ("Soup for eight",) * 2
    assert not opened(one).is_new
    there.do(two, OpenChat(chat.id))
    assert texts(two) == ["# Soup for eight\nmore"]
    there.reload(one)
    there.do(one, OpenChat(chat.id), SendMessage(chat.id, "second"))
    assert texts(two) == ["# Soup for eight\nmore", "second"]


def test_a_new_chat_waits_whole_and_opens_after_a_reload(there: Live) -> None:
    one = there.signed_in()
    one.go_offline()
    there.do(one, NewChat())
    chat = opened(one).id
    there.do(one, SendMessage(chat, "Offline"))
    there.do(one, TypeDraft(chat, "half a"))
    there.reload(one)
    assert opened(one).id == chat, "the chat that was on screen is there again"
    assert screen(one).composer.text == "half a"
    there.do(one, SendMessage(chat, "more"))
    assert texts(one) == ["Offline", "more"]
    one.device.network.heal()
    there.until(lambda: screen(one).unsent == 0)
    assert len(there.stored("chats")) == 5
    assert texts(one) == ["Offline", "more"]


def test_chats_are_renamed_pinned_and_deleted(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one, 3)
    there.do(one, RenameChat(chat, " A new\nname "), PinChat(chat, True))
    for browser in (one, two):
        assert screen(browser).groups[0].label == "Pinned"
        assert [item.title for item in screen(browser).groups[0].items] == ["A new name"]
    there.do(two, PinChat(chat, False))
    assert screen(one).groups[0].label != "Pinned"
    there.do(one, DeleteChat(chat))
    assert (screen(one).undo, len(items(one)), len(items(two))) == ("A new name", 3, 4)
    assert screen(one).chat is None
    there.do(one, UndoDelete())
    assert (screen(one).undo, len(items(one))) == ("", 4)
    there.wait(15)
    assert len(items(two)) == 4, "an undone deletion is never sent"
    there.do(one, DeleteChat(chat), wait=15)
    assert (screen(one).undo, len(items(one)), len(items(two))) == ("", 3, 3)
    assert [row["title"] for row in there.stored("chats") if row["id"] == chat] == [None]
