"""What the person sees of what they did: chats and drafts as they left them, and chats that are only on the screen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.outbox.overlay import NEW_TITLE
from hearth.core.records.contents import Chat
from hearth.core.records.new_message import new_message
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.engine.assistant.board import AnswerBoard
from hearth.engine.writing.outbox_view import OutboxView
from hearth.testing.device import FakeDevice

STORED = Chat("a", "Alpha", 5, 1, draft="of an older device")


class Outbox:
    """Mutations that wait."""

    def __init__(self, *mutations: Mutation) -> None:
        self.mutations = mutations

    def of(self, chat_id: str) -> list[Mutation]:
        return [each for each in self.mutations if each.chat_id == chat_id]

    def creates(self, chat_id: str) -> bool:
        return any(each.creates for each in self.of(chat_id))


def made(act: Act, chat_id: str = "a", text: str = "", **more: Any) -> Mutation:
    return Mutation(id=f"{act} {text}", at=9, act=act, chat_id=chat_id, text=text, **more)


def view(*mutations: Mutation, unread: dict[str, int] | None = None) -> OutboxView:
    repository = SimpleNamespace(chats={"a": STORED})
    machine, counts = SimpleNamespace(current=True), SimpleNamespace(counts=unread or {})
    return OutboxView(FakeDevice(), *cast(Any, (repository, machine, Outbox(*mutations), counts, AnswerBoard())))


def test_a_chat_is_as_the_person_left_it() -> None:
    assert view().find("a") == STORED
    renamed = view(made(Act.RENAME, text="Beta")).find("a")
    assert renamed is not None
    assert renamed.title == "Beta"
    assert view(made(Act.DELETE_CHAT)).find("a") is None
    assert view().find("unknown") is None


@pytest.mark.parametrize(
    ("mutations", "kept", "draft"),
    [
        ((), None, "of an older device"),
        ((), "kept", "kept"),
        ((), "", ""),
        ((made(Act.DRAFT, text="one"), made(Act.DRAFT, text="two")), "kept", "two"),
    ],
)
def test_the_draft_is_the_one_typed_last(mutations: tuple[Mutation, ...], kept: str | None, draft: str) -> None:
    shown = view(*mutations)
    if kept is not None:
        shown.drafts["a"] = kept
    assert shown.draft_of("a") == draft
    assert [chat.draft for chat in shown.chats()] == [draft]


def test_what_is_unread_is_counted_for_chats_that_are_there() -> None:
    assert view(unread={"a": 2, "gone": 1}).unread == {"a": 2}
    assert view(made(Act.DELETE_CHAT), unread={"a": 2}).unread == {}


def test_a_new_chat_is_empty_and_has_the_title_that_it_was_given() -> None:
    shown = view()
    shown.new_chats.add("new")
    opened = shown.opened(OpenedChat(Chat("new", "", 0, 0), ChatState.ABSENT))
    assert (opened.state, opened.is_new, opened.title, opened.deleted) == (ChatState.EMPTY, True, NEW_TITLE, False)
    shown.titles["new"] = "Given"
    assert shown.opened(opened).title == "Given"


def test_a_chat_that_was_deleted_elsewhere_shows_what_was_not_sent() -> None:
    message = new_message("m", "gone", "user", 9, None)
    shown = view(made(Act.SEND, "gone", "words", problem="It was deleted.", message=message))
    known = shown.find("gone")
    assert known is not None
    opened = shown.opened(OpenedChat(known, ChatState.GONE))
    assert (opened.deleted, opened.writable) == (True, False)
    assert [(each.text, each.problem) for each in opened.messages] == [("words", "It was deleted.")]
