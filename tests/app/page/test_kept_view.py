"""What is kept of the page: what is in view, and nothing that may be untrue at the next start."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.page.kept_view import BLANK, MOST_CHARS, Extent, can_be_kept, view_of
from hearth.core.records.contents import Chat
from hearth.core.vdom import text_of, walk
from hearth.core.view.chat_list import ChatGroup, ChatItem
from hearth.core.view.message import AnswerMark, Delivery, Message
from hearth.core.view.open_chat import AnswerState, AnswerView, ChatState, OpenedChat
from hearth.core.view.screen import Phase, Screen


def message(n: int, **parts: Any) -> Message:
    text = parts.pop("text", f"message {n}")
    return Message(str(n), "user", n, "10:00", "Yesterday", body=(("p", None, text),), text=text, **parts)


def screen(*messages: Message, lines: int = 3, **parts: Any) -> Screen:
    items = tuple(ChatItem(str(n), f"title {n}", "2 min", "", unreadable=False) for n in range(lines))
    groups = (ChatGroup("Today", items[:2]), ChatGroup("Last week", items[2:]))
    chat = OpenedChat(Chat("0", "title 0", 0, 1), ChatState.READY, messages, **parts)
    return Screen(phase=Phase.SIGNED_IN, restored=True, groups=groups, chat=chat)


def kept(shown: Screen, lines: int = 9, messages: int = 9) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(view_of(shown, Extent(lines, messages, 5, -7), "chat"))
    return found


def test_what_is_in_view_is_kept() -> None:
    view = kept(screen(*map(message, range(5))), lines=3, messages=2)
    assert [[key for key, _tree in lines] for _label, _tree, lines in view["list"]] == [["0", "1"], ["2"]]
    assert [key for key, _tree in view["chat"]["items"]] == ["day Yesterday", "message 3", "message 4"]
    assert (view["chat"]["id"], view["chat"]["title"]) == ("0", "title 0")
    assert (view["top"], view["chat"]["top"], view["pane"]) == (5, -7, "chat")
    assert [len(group[2]) for group in kept(screen(message(1)), lines=1)["list"]] == [1]


def test_dates_and_what_becomes_of_messages_are_blank() -> None:
    waiting = message(1, delivery=Delivery.WAITING)
    failed = message(2, delivery=Delivery.FAILED, mutation="m", problem="It is too long.")
    sending = message(3, delivery=Delivery.SENDING)
    coming = message(4, mark=AnswerMark.ELSEWHERE)
    view = kept(screen(waiting, failed, sending, coming))
    trees = [tree for _, tree in view["chat"]["items"]]
    trees += [each for _, tree, lines in view["list"] for each in (tree, *(line for _, line in lines))]
    said = text_of(*trees)
    for word in ("Yesterday", "Today", "2 min", "Waiting", "Not sent", "too long", "Sending", "another tab", "Discard"):
        assert word not in said
    assert said.count(BLANK) == 1 + 2 + 3 + 3  # the day, the headings, the lines, the places of three messages
    assert "message 3" in said


def test_an_interrupted_answer_stays_one() -> None:
    said = text_of(*(tree for _, tree in kept(screen(message(1, mark=AnswerMark.INTERRUPTED)))["chat"]["items"]))
    assert "Interrupted" in said


def test_what_is_too_long_is_left_out_from_its_oldest_on() -> None:
    long = "x" * (MOST_CHARS // 3)
    view = kept(screen(*(message(n, text=long) for n in range(4))))
    assert [key for key, _ in view["chat"]["items"]] == ["day Yesterday", "message 2", "message 3"]
    assert view_of(screen(message(1, text="x" * MOST_CHARS)), Extent(9, 9), "chat") == ""


def test_without_a_chat_the_list_is_kept() -> None:
    assert kept(replace(screen(), chat=None))["chat"] is None


def test_every_item_is_what_the_kernel_draws() -> None:
    view = kept(screen(message(1)))
    for _, tree in view["chat"]["items"]:
        assert all(isinstance(node, str) or isinstance(node[0], str) for node in walk(tree))


@pytest.mark.parametrize(
    ("shown", "can"),
    [
        (screen(message(1)), True),
        (replace(screen(), chat=None), True),
        (replace(screen(message(1)), restored=False), False),
        (replace(screen(message(1)), groups=()), False),
        (replace(screen(message(1)), phase=Phase.SIGNING_OUT), False),
        (screen(message(1), has_newer=True), False),
        (screen(message(1), is_new=True), False),
        (screen(message(1), deleted=True), False),
        (screen(message(1), answer=AnswerView(AnswerState.GROWING)), False),
    ],
)
def test_only_what_the_next_start_would_show_is_kept(shown: Screen, can: bool) -> None:
    assert can_be_kept(shown) is can
