"""People write on two devices: what they typed is on the disk, in the outbox, or in front of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hearth.core.view.message import Delivery
from hearth.core.view.open_chat import ChatState
from hearth.engine.intents.account import SignIn, SignOut, SignOutWhenSent, StaySignedIn
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import (
    DeleteChat,
    DeleteMessage,
    Discard,
    EditMessage,
    NewChat,
    PinChat,
    RenameChat,
    SendMessage,
    TakeDraft,
    TryAgain,
    TypeDraft,
    UndoDelete,
)
from server_mock.protocol import packing
from server_mock.protocol.api import COOKIE
from server_mock.protocol.change_log import UserState
from server_mock.protocol.record_writer import RecordWriter, Result
from server_mock.protocol.sessions import Session
from server_mock.protocol.write_rules import Owner, Records
from tests.app.hearth.engine.writing.live import Live, items, last, live, opened, screen, texts
from tests.server_mock.world import EMAIL, PASSWORD


@pytest.fixture
def there() -> Iterator[Live]:
    with live() as started:
        yield started


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


def test_without_a_network_it_waits_and_goes_out_by_itself(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    one.go_offline()
    there.wait()
    there.do(one, SendMessage(chat, "first"), SendMessage(chat, "second"))
    assert texts(one)[-2:] == ["first", "second"]
    assert last(one).delivery is Delivery.WAITING
    assert screen(one).status.sentence.endswith("2 changes wait to be sent.")
    assert screen(one).unsent == 2
    there.reload(one)
    there.do(one, OpenChat(chat))
    assert texts(one)[-2:] == ["first", "second"], "a reload keeps what waits"
    assert "first" not in texts(two)
    one.device.network.heal()
    there.until(lambda: screen(one).unsent == 0)
    there.wait()
    for browser in (one, two):
        assert texts(browser)[-2:] == ["first", "second"]
        assert last(browser).delivery is Delivery.DONE


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


def test_two_devices_that_write_at_once_both_come_through(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    for number in range(6):
        one.do(SendMessage(chat, f"one {number}"))
        two.do(SendMessage(chat, f"two {number}"))
    there.wait(10)
    assert sorted(texts(one)[2:]) == sorted([f"{who} {n}" for who in ("one", "two") for n in range(6)])
    assert texts(one) == texts(two)
    assert [text for text in texts(one) if text.startswith("one")] == [f"one {n}" for n in range(6)]


class TestDrafts:
    def test_what_is_typed_survives_and_comes_to_the_other_device(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(one, TypeDraft(chat, "half a"), wait=0.1)
        there.do(one, TypeDraft(chat, "half a thought"), wait=6)
        assert items(one)[0].draft == "half a thought"
        assert items(two)[0].draft == "half a thought"
        there.do(two, OpenChat(chat))
        assert screen(two).composer.text == "half a thought"
        there.reload(one)
        there.do(one, OpenChat(chat))
        assert screen(one).composer.text == "half a thought"
        assert items(one)[0].draft == "half a thought"
        assert all(each.role != "draft" for each in opened(one).messages)

    def test_sending_empties_it_everywhere(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(one, TypeDraft(chat, "typed"), wait=6)
        before = screen(one).composer.revision
        there.do(one, SendMessage(chat, "typed"), wait=6)
        assert (screen(one).composer.text, screen(one).composer.revision > before) == ("", True)
        assert (items(one)[0].draft, items(two)[0].draft) == ("", "")
        assert texts(one)[-1] == "typed"

    def test_a_draft_from_elsewhere_is_offered_while_this_one_is_edited(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(two, OpenChat(chat))
        two.go_offline()
        there.do(two, TypeDraft(chat, "typed on two"))
        there.do(one, TypeDraft(chat, "typed on one"), wait=6)
        two.device.network.heal()
        there.until(lambda: screen(two).composer.offer != "")
        assert screen(two).composer.offer == "typed on one"
        assert screen(two).composer.text != "typed on one"
        there.do(two, TakeDraft(chat, take=True))
        assert (screen(two).composer.text, screen(two).composer.offer) == ("typed on one", "")

    def test_an_offer_goes_when_its_draft_is_sent(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(two, OpenChat(chat), TypeDraft(chat, "typed on two"))
        there.do(one, TypeDraft(chat, "typed on one"), wait=6)
        assert screen(two).composer.offer == "typed on one"
        there.do(one, SendMessage(chat, "typed on one"), wait=6)
        assert texts(two)[-1] == "typed on one"
        assert screen(two).composer.offer == ""

    def test_the_draft_in_a_chats_own_field_gives_way_to_a_newer_one(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = next(each.id for each in items(one) if each.draft)
        there.do(one, OpenChat(chat))
        there.do(two, OpenChat(chat))
        assert screen(two).composer.text
        there.do(one, TypeDraft(chat, "newer"), wait=6)
        assert (screen(two).composer.text, screen(two).composer.offer) == ("newer", "")
        there.do(one, SendMessage(chat, "newer"), wait=6)
        assert (screen(two).composer.text, screen(two).composer.offer) == ("", "")

    def test_one_that_is_too_long_to_be_sent_stays_on_the_device(self, there: Live) -> None:
        one = there.signed_in()
        chat = there.open(one)
        there.do(one, TypeDraft(chat, "ä" * 400_000), SendMessage(chat, "ä" * 400_000), wait=6)
        assert "too long" in screen(one).composer.problem
        assert [row["role"] for row in there.stored() if row["chat_id"] == chat].count("draft") == 0
        there.reload(one)
        there.do(one, OpenChat(chat))
        assert screen(one).composer.text == "ä" * 400_000
        there.do(one, TypeDraft(chat, "short"), wait=6)
        assert [row["role"] for row in there.stored() if row["chat_id"] == chat].count("draft") == 1

    def test_many_keystrokes_are_few_writes(self, there: Live) -> None:
        one = there.signed_in()
        chat = there.open(one)
        there.world.services.client.log.reset()
        for number in range(40):
            there.do(one, TypeDraft(chat, "x" * number), wait=0.25)
        there.wait(6)
        entries = there.world.services.client.log.entries()
        writes = [each for each in entries if each["collection"] == "messages" and each["method"] in ("POST", "PATCH")]
        assert 3 <= len(writes) <= 8, "at most one in two seconds"


def test_what_comes_from_elsewhere_is_unread_until_the_chat_is_opened(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one, 1)
    there.open(two, 0)
    there.do(one, SendMessage(chat, "news"), SendMessage(chat, "more news"))
    (item,) = [item for item in items(two) if item.id == chat]
    assert (item.unread, screen(two).unread) == (2, 2)
    assert [each.unread for each in items(one)] == [0] * 4
    there.reload(two)
    assert screen(two).unread == 2
    there.do(two, OpenChat(chat))
    assert screen(two).unread == 0
    there.reload(two)
    assert screen(two).unread == 0


def test_signing_out_with_something_unsent_asks_first(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    one.go_offline()
    there.do(one, SendMessage(chat, "wait for me"))
    there.do(one, SignOut())
    assert (screen(one).leaving, screen(one).unsent) == (True, 1)
    there.do(one, StaySignedIn())
    assert not screen(one).leaving
    there.do(one, SignOut(), SignOutWhenSent())
    assert screen(one).unsent == 1
    one.device.network.heal()
    there.until(lambda: screen(one).phase.value == "signed-out")
    assert "wait for me" not in texts_of_all(there)
    assert len([row for row in there.stored() if row["chat_id"] == chat]) == 3


def test_a_revoked_session_says_how_much_was_lost_and_an_expired_one_keeps_it(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    sessions = there.world.services.sessions
    for way in ("expire", "end"):
        one.go_offline()
        there.do(one, SendMessage(chat, f"before they {way} it"))
        session = sessions.find(one.device.live_api.http.cookies.get(COOKIE))
        assert session is not None

        async def over(way: str = way, session: Session = session) -> None:
            getattr(sessions, way)(session)

        there.run(over())
        one.device.network.heal()
        there.until(lambda: screen(one).phase.value == "signed-out")
        if way == "expire":
            assert "go on where you were" in screen(one).notice
            there.do(one, SignIn(EMAIL, PASSWORD), wait=30)
            there.until(lambda: screen(one).unsent == 0)
            assert len([row for row in there.stored() if row["chat_id"] == chat]) == 3
    assert screen(one).notice.endswith("1 change was not sent and is lost.")


def texts_of_all(there: Live) -> str:
    """Everything on the server's disk, as text: nothing of it may be readable."""
    return str([there.stored(name) for name in ("chats", "messages", "settings_and_memories")])


def test_a_server_that_dies_in_the_middle_loses_and_doubles_nothing(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    for number in range(5):
        there.do(one, SendMessage(chat, f"message {number}"), wait=0)
        there.run(there.world.die())
        there.wait(5)
    there.until(lambda: screen(one).unsent == 0 and screen(one).status.sentence == "Up to date")
    there.until(lambda: screen(two).status.sentence == "Up to date")
    assert texts(one)[-5:] == [f"message {number}" for number in range(5)]
    assert texts(two) == texts(one)


def test_a_write_under_way_is_not_sent_twice_when_changes_come_in_parts(
    there: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[list[dict[str, Any]]] = []
    write = RecordWriter.write

    async def noting(
        self: RecordWriter, owner: Owner, state: UserState, records: Records, *more: Any, **named: Any
    ) -> Result:
        written.append([dict(row) for rows in records.values() for row in rows])
        return await write(self, owner, state, records, *more, **named)

    one = there.signed_in()
    chats = [item.id for item in items(one)]
    monkeypatch.setattr(packing.pack, "__defaults__", (1,))  # every record comes in a frame of its own
    monkeypatch.setattr(RecordWriter, "write", noting)
    one.device.network.delays_s = [0.5]
    there.run(there.world.change(rename_chat={"chat_id": chats[1], "title": "Another title"}))
    there.do(one, RenameChat(chats[0], "A title"), wait=20)
    assert len(written) == 2, "it was refused once: the server had another change"
    assert screen(one).status.sentence == "Up to date"
    assert all(row["sealed"] == one.disk.entries[row["id"]]["sealed"] for row in written[-1] if "sealed" in row)
