"""The assistant at the end of a chat, as trees: only the last block of an answer that grows crosses to the page."""

from __future__ import annotations

import pytest

from app.page.views.answer import block_items, growing_tree, items_with, note_trees
from app.page.views.keyed import Keyed
from app.page.views.message import mark_trees
from hearth.core.text.growing_markdown import GrowingMarkdown
from hearth.core.vdom import Node, text_of, walk
from hearth.core.view.message import AnswerMark, Message
from hearth.core.view.open_chat import AnswerState, AnswerView

OWN = Message("1", "user", 1, "12:00", "Today", text="Hello")
ANSWER = Message("2", "assistant", 2, "12:01", "Today")


def buttons(nodes: list[Node]) -> list[tuple[str, str]]:
    found = [node for node in walk(*nodes) if not isinstance(node, str) and node[0] == "button"]
    return [((node[1] or {})["data-action"], text_of(node)) for node in found]


def test_of_an_answer_that_grows_only_the_last_block_is_drawn_again() -> None:
    items, blocks, text = Keyed(), Keyed(), GrowingMarkdown()
    text.add("One.\n\nTwo")
    first = items.plan(items_with((OWN,), ANSWER))
    assert [key for key, _tree in first] == ["day Today", "message 1", "message 2"]
    assert [tree != 0 for _key, tree in blocks.plan(block_items(text.blocks()))] == [True, True]
    text.add(" and more.\n\nThree")
    assert [tree for _key, tree in items.plan(items_with((OWN,), ANSWER))] == [0, 0, 0]
    assert [tree != 0 for _key, tree in blocks.plan(block_items(text.blocks()))] == [False, True, True]


def test_an_answer_of_another_day_has_its_heading() -> None:
    tomorrow = Message("2", "assistant", 2, "00:01", "Tomorrow")
    assert [item[0] for item in items_with((OWN,), tomorrow)][-2:] == ["day Tomorrow", "message 2"]


def test_its_article_is_named_like_every_message() -> None:
    tag, attributes, *_rest = growing_tree(ANSWER)
    assert (tag, (attributes or {})["aria-label"]) == ("article", "Assistant, 12:01")


@pytest.mark.parametrize(
    ("answer", "text", "found"),
    [
        (None, "", []),
        (AnswerView(AnswerState.GROWING, ANSWER), "", []),
        (AnswerView(AnswerState.UNANSWERED), "", [("ask-assistant", "Ask the assistant")]),
        (AnswerView(AnswerState.UNANSWERED, again=True), "", [("ask-assistant", "Ask again")]),
        (AnswerView(AnswerState.FAILED, sentences=("Why.",)), "Why.", [("ask-assistant", "Ask again")]),
        (
            AnswerView(AnswerState.CONSENT, sentences=("Shall it?", "It goes there.", "Always.")),
            "Shall it?It goes there.Always.",
            [("agree", "Ask the assistant"), ("keep-notebook", "Keep it a notebook")],
        ),
    ],
)
def test_what_there_is_to_say_and_do(answer: AnswerView | None, text: str, found: list[tuple[str, str]]) -> None:
    nodes = note_trees(answer)
    assert buttons(nodes) == found
    assert text_of(*nodes) == text + "".join(label for _action, label in found)


def test_an_answer_that_is_not_whole_says_so() -> None:
    def said(mark: AnswerMark) -> str:
        return text_of(*mark_trees(Message("2", "assistant", 2, "12:01", "Today", mark=mark)))

    assert said(AnswerMark.NONE) == ""
    assert said(AnswerMark.INTERRUPTED).startswith("Interrupted")
    assert "another tab" in said(AnswerMark.ELSEWHERE)
