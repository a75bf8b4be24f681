"""The assistant at the end of a chat, as trees: the answer that grows, and what there is to say or do about one."""

from __future__ import annotations

from datetime import UTC
from functools import partial

from app.page.views.icons import icon
from app.page.views.keyed import Item
from app.page.views.message import AUTHORS, log_items
from hearth.core.text.formatting import local
from hearth.core.vdom import Element, Node
from hearth.core.view.message import Message
from hearth.core.view.open_chat import AnswerState, AnswerView

GROWING = "growing"
"""The value of the article of an answer that grows: it is made once, and its blocks are a list in it."""


def items_with(messages: tuple[Message, ...], answer: Message, marked: str = "", edited: str = "") -> list[Item]:
    """The items of a log at whose end an answer grows."""
    *items, (key, _value, _make) = log_items((*messages, answer), marked, edited)
    return [*items, (key, GROWING, partial(growing_tree, answer))]


def growing_tree(message: Message) -> Element:
    """The article of an answer that grows; its blocks come into the element with `data-items`."""
    author = AUTHORS[message.role]
    header: Element = (
        "header",
        None,
        ("span", {"class": "author"}, author),
        " ",
        ("time", {"datetime": local(message.created_at, UTC).isoformat()}, message.when),
        " ",
        ("span", {"class": "answering"}, "Answering…"),
    )
    attributes = {"class": f"message {message.role}", "aria-label": f"{author}, {message.when}"}
    prose: Element = ("div", {"class": "prose growing", "data-items": ""})
    return ("article", {**attributes, "data-message-id": message.id}, header, prose)


def block_items(blocks: tuple[Node, ...]) -> list[Item]:
    """The blocks of an answer: those that have not changed stay in the page."""
    return [(str(at), block, partial(_same, block)) for at, block in enumerate(blocks)]


def _same(block: Node) -> Node:
    return block


def note_trees(answer: AnswerView | None) -> list[Node]:
    """What there is to say and do about an answer, under the last message."""
    if answer is None:
        return []
    match answer.state:
        case AnswerState.CONSENT:
            title, *sentences = answer.sentences
            return [
                ("p", {"class": "note-title"}, icon("lock"), title),
                *(("p", None, each) for each in sentences),
                (
                    "div",
                    {"class": "buttons"},
                    _button("agree", "Ask the assistant", primary=True),
                    _button("keep-notebook", "Keep it a notebook"),
                ),
            ]
        case AnswerState.FAILED:
            told: list[Node] = [("p", {"class": "failed"}, icon("warning"), each) for each in answer.sentences]
            return [*told, ("div", {"class": "buttons"}, _button("ask-assistant", "Ask again"))]
        case AnswerState.UNANSWERED:
            label = "Ask again" if answer.again else "Ask the assistant"
            return [("div", {"class": "buttons"}, _button("ask-assistant", label))]
        case _:
            return []


def _button(action: str, label: str, *, primary: bool = False) -> Element:
    attributes = {"type": "button", "data-action": action}
    return ("button", {**attributes, "class": "primary"} if primary else attributes, label)
