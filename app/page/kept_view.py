"""What the page shows, as the value that is kept for its next start: plain trees, tested without a browser.

The page's first script (`runtime/open_view.js`) draws it before Python runs. What may be untrue by then is not in it:
dates in relation to today, what becomes of messages that are not sent, the status. Their places are, so that nothing
moves when Python fills them in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.page.views.chat_lines import ChatListPlan
from app.page.views.keyed import Item, Keyed
from app.page.views.message import log_items
from hearth.core.vdom import Element, Node, element
from hearth.core.view.chat_list import ChatGroup
from hearth.core.view.message import AnswerMark, Delivery, Message
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.core.view.screen import Phase, Screen

BLANK = "\u00a0"
"""Takes the place of what is not in the view: a line of its own height."""
MOST_LINES = 60
"""The most lines of the list that are kept: more than any screen shows."""
MOST_MESSAGES = 40
"""The most messages that are kept: as many as a chat opens with."""
MOST_CHARS = 200_000
"""The longest value that is kept; of a longer one, older messages are left out."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is in view: lines of the list from its top, messages from the end; how far either is scrolled, in px."""

    lines: int
    messages: int
    list_top: float = 0
    log_top: float = 0

    @classmethod
    def read(cls, text: str) -> Extent:
        """What `view.extent` of `first_view.js` answers."""
        return cls(*json.loads(text))


def can_be_kept(screen: Screen) -> bool:
    """Whether a screen is what a next start would show: all that is here was read, and no answer is growing."""
    chat = screen.chat
    if screen.phase is not Phase.SIGNED_IN or not screen.restored or not screen.groups:
        return False
    if chat is None:
        return True
    return chat.state is ChatState.READY and not (chat.has_newer or chat.is_new or chat.deleted or chat.is_answering)


def view_of(screen: Screen, extent: Extent, pane: str) -> str:
    """The value of a screen, as JSON text; empty where its last message alone is too long."""
    groups = ChatListPlan().plan(_first(screen.groups, min(extent.lines, MOST_LINES)), screen.current)
    view: dict[str, Any] = {
        "list": [[label, _without_label(tree), lines] for label, tree, lines in groups],
        "top": extent.list_top,
        "pane": pane,
        "chat": None,
    }
    if screen.chat is None:
        return _text(view)
    count = min(extent.messages, MOST_MESSAGES, len(screen.chat.messages))
    while count:
        text = _text({**view, "chat": _chat(screen.chat, count, extent.log_top)})
        if len(text) <= MOST_CHARS:
            return text
        count //= 2
    return ""


def _text(view: dict[str, Any]) -> str:
    return json.dumps(view, separators=(",", ":"))


def _chat(chat: OpenedChat, count: int, top: float) -> dict[str, Any]:
    messages = chat.messages[-count:]
    return {
        "id": chat.id,
        "title": chat.title,
        "items": Keyed().plan(_items(messages)),
        "older": chat.has_older,
        "writable": chat.writable,
        "warning": chat.warning,
        "top": top,
    }


def _items(messages: Sequence[Message]) -> Iterable[Item]:
    """The items of a log, with the keys that it has on the page; a heading of a day is blank."""
    waiting = {f"message {each.id}" for each in messages if _is_under_way(each)}
    for key, value, make in log_items(tuple(map(_settled, messages))):
        if key.startswith("day "):
            yield key, value, _blank_day
        else:
            yield key, value, partial(_with_place, make) if key in waiting else make


def _blank_day() -> Element:
    return ("h2", {"class": "day", "aria-hidden": "true"}, BLANK)


def _with_place(make: Callable[[], Node]) -> Node:
    """A message with a blank line in the place of what is said of sending it."""
    tree = make()
    place: Element = ("p", {"class": "delivery"}, ("span", None, BLANK))
    return tree if isinstance(tree, str) else (*tree, place)


def _is_under_way(message: Message) -> bool:
    return message.delivery in (Delivery.WAITING, Delivery.FAILED) or message.mark is AnswerMark.ELSEWHERE


def _settled(message: Message) -> Message:
    """A message without what became of sending it."""
    mark = AnswerMark.NONE if message.mark is AnswerMark.ELSEWHERE else message.mark
    return replace(message, delivery=Delivery.DONE, mutation="", problem="", mark=mark)


def _first(groups: Sequence[ChatGroup], lines: int) -> list[ChatGroup]:
    """The first lines of the list, without their dates."""
    kept: list[ChatGroup] = []
    for group in groups:
        if lines <= 0:
            break
        kept.append(replace(group, items=tuple(replace(item, when=BLANK) for item in group.items[:lines])))
        lines -= len(group.items)
    return kept


def _without_label(tree: Node) -> Node:
    """A group of the list whose heading is blank: most name days in relation to today."""
    if isinstance(tree, str):
        return tree
    children = tree[2:]
    return element(tree[0], tree[1], ("h2", {"aria-hidden": "true"}, BLANK), *children[1:])
