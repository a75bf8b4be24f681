"""The outbox over what is confirmed: what the person sees is what they did, in any order of answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.outbox.overlay import (
    DELETED_TITLE,
    NEW_TITLE,
    can_confirm,
    chat_with,
    chats_with,
    confirmed,
    first_title,
)
from hearth.core.records.contents import Chat
from hearth.core.view.message import AnswerMark, Delivery, Message
from hearth.core.view.open_chat import ChatState, OpenedChat
from tests.contracts.records import message

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
C = Chat("c", "Title", 100, 3)


def made(act: Act, number: int = 1, chat_id: str = "c", **values: Any) -> Mutation:
    if act in (Act.SEND, Act.EDIT, Act.DELETE_MESSAGE):
        values.setdefault("message", message(chat_id, number))
    return Mutation(id=f"m{number}-{act}", at=1_000 + number, act=act, chat_id=chat_id, **values)


def shown(number: int, text: str = "old") -> Message:
    return Message(f"c-{number}", "user", number, "12:00", "Today", text=text)


def opened(*messages: Message, state: ChatState = ChatState.READY, has_newer: bool = False) -> OpenedChat:
    return OpenedChat(C, state, messages, has_newer=has_newer)


class TestTheList:
    def test_a_message_moves_its_chat_up(self) -> None:
        assert chats_with({"c": C}, [made(Act.SEND)])["c"].last_updated == 1_001

    def test_a_new_chat_has_the_first_line_for_a_title(self) -> None:
        chats = chats_with({}, [made(Act.SEND, creates=True, text="\n# Hello you\nmore")])
        assert chats["c"] == Chat("c", "Hello you", 1_001, 0)

    def test_it_is_renamed_pinned_and_deleted_before_anybody_answers(self) -> None:
        chats = chats_with({"c": C}, [made(Act.RENAME, text="New name"), made(Act.PIN, 2, text="1")])
        assert (chats["c"].title, chats["c"].pinned) == ("New name", True)
        assert chats_with({"c": C}, [made(Act.DELETE_CHAT)]) == {}

    def test_what_was_refused_changes_nothing(self) -> None:
        for act in (Act.RENAME, Act.PIN, Act.DELETE_CHAT):
            assert chats_with({"c": C}, [made(act, text="1", problem="No.")]) == {"c": C}

    def test_a_message_into_a_deleted_chat_keeps_a_place(self) -> None:
        chats = chats_with({}, [made(Act.SEND, text="lost?", problem="The chat was deleted.")])
        assert chats["c"].title == DELETED_TITLE

    def test_a_draft_alone_makes_no_chat_of_one_that_was_deleted(self) -> None:
        assert chats_with({}, [made(Act.DRAFT, text="typed")]) == {}


class TestTheOpenChat:
    @pytest.mark.parametrize(
        ("online", "problem", "delivery"),
        [(True, "", Delivery.SENDING), (False, "", Delivery.WAITING), (True, "No.", Delivery.FAILED)],
    )
    def test_a_message_is_there_at_once(self, online: bool, problem: str, delivery: Delivery) -> None:
        send = made(Act.SEND, 5, text="**new**", problem=problem)
        after = chat_with(opened(shown(1)), C, [send], NOW, online=online)
        assert [each.id for each in after.messages] == ["c-1", "c-5"]
        last = after.messages[-1]
        assert (last.text, last.delivery, last.problem, last.mutation) == ("**new**", delivery, problem, send.id)
        assert last.body

    def test_one_that_is_confirmed_meanwhile_is_there_once(self) -> None:
        after = chat_with(opened(shown(5)), C, [made(Act.SEND, 5, text="x")], NOW, online=True)
        assert after.messages == (shown(5),)

    def test_an_answer_that_another_tab_receives_says_so_and_one_that_was_cut_off_too(self) -> None:
        row = {**message("c", 2), "role": "assistant", "interrupted": "sealed"}
        for act, mark in ((Act.ANSWER, AnswerMark.ELSEWHERE), (Act.SEND, AnswerMark.INTERRUPTED)):
            part = Mutation(id="a", at=1_002, act=act, chat_id="c", text="half", message=row)
            found = chat_with(opened(shown(1)), C, [part], NOW, online=True).messages[-1]
            assert (found.text, found.role, found.mark) == ("half", "assistant", mark)
            whole = Mutation(id="b", at=1_003, act=Act.EDIT, chat_id="c", text="whole", message=row)
            found = chat_with(opened(shown(1)), C, [part, whole], NOW, online=True).messages[-1]
            assert (found.text, found.mark, found.edited) == ("whole", AnswerMark.NONE, False)
        assert chats_with({"c": C}, [made(Act.ANSWER, message=row)]) == {"c": C}

    def test_an_edit_takes_the_place_of_the_message(self) -> None:
        after = chat_with(opened(shown(1)), C, [made(Act.EDIT, 1, text="better")], NOW, online=True)
        assert (after.messages[0].text, after.messages[0].edited) == ("better", True)

    def test_a_deletion_takes_it_away_and_an_empty_chat_says_so(self) -> None:
        after = chat_with(opened(shown(1)), C, [made(Act.DELETE_MESSAGE, 1)], NOW, online=True)
        assert (after.messages, after.state) == ((), ChatState.EMPTY)

    def test_the_first_message_of_an_empty_chat(self) -> None:
        after = chat_with(opened(state=ChatState.EMPTY), C, [made(Act.SEND, text="x")], NOW, online=True)
        assert after.state is ChatState.READY

    def test_where_older_messages_are_read_the_new_one_is_not_among_them(self) -> None:
        after = chat_with(opened(shown(1), has_newer=True), C, [made(Act.SEND, 5, text="x")], NOW, online=True)
        assert after.messages == (shown(1),)

    def test_other_chats_and_drafts_change_nothing(self) -> None:
        chat = opened(shown(1))
        others = [made(Act.SEND, 5, "d", text="x"), made(Act.DRAFT, 6, text="typed")]
        assert chat_with(chat, C, others, NOW, online=True) == chat


@pytest.mark.parametrize(
    ("text", "title"),
    [("  \n\n", NEW_TITLE), ("- milk\n- eggs", "milk"), ("> quoted", "quoted"), ("x" * 200, "x" * 79 + "…")],
)
def test_titles_of_new_chats(text: str, title: str) -> None:
    assert first_title(text) == title


class TestWhatIsConfirmed:
    def test_it_stands_as_it_stood_and_waits_no_longer(self) -> None:
        written = [made(Act.SEND, 2, text="new"), made(Act.EDIT, 1, text="better"), made(Act.RENAME, 3, text="Name")]
        moved = Chat("c", "Name", 1_002, 4)
        chat = confirmed(opened(shown(1)), moved, written, NOW)
        assert [(each.text, each.delivery, each.mutation, each.edited) for each in chat.messages] == [
            ("better", Delivery.DONE, "", True),
            ("new", Delivery.DONE, "", False),
        ]
        assert chat.chat is moved

    def test_the_last_message_deleted_leaves_an_empty_chat(self) -> None:
        chat = confirmed(opened(shown(1)), C, [made(Act.DELETE_MESSAGE, 1)], NOW)
        assert (chat.messages, chat.state) == ((), ChatState.EMPTY)

    @pytest.mark.parametrize(
        ("chat", "written"),
        [
            (opened(shown(1), has_newer=True), made(Act.SEND, 2)),
            (opened(state=ChatState.ABSENT), made(Act.SEND, 2, creates=True)),
            (opened(state=ChatState.LOADING), made(Act.SEND, 2)),
            (replace(opened(shown(1), shown(2)), has_older=True), made(Act.DELETE_MESSAGE, 2)),
            (opened(shown(1)), made(Act.EDIT, 1, message={**message("c", 1), "role": "assistant"})),
            (opened(shown(1)), made(Act.DELETE_CHAT)),
            (opened(shown(1)), made(Act.IMPORT)),
        ],
    )
    def test_what_is_not_all_here_or_changes_more_is_read(self, chat: OpenedChat, written: Mutation) -> None:
        assert not can_confirm(chat, [made(Act.PIN, 9), written])
        assert can_confirm(opened(shown(1)), [made(Act.PIN, 9)])
