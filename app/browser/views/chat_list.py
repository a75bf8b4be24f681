"""The list of chats, grouped by the span of days of their last update."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from app.browser.views.elements import by_id, empty, reconcile
from app.browser.views.keyed import Item, Keyed
from app.core.tree import Element, Node, element
from app.core.viewmodel import ChatGroup, ChatItem


class ChatListView:
    """Draws the groups, and marks the open chat."""

    def __init__(self) -> None:
        self._nav = by_id("chats")
        self._groups = by_id("chat-groups")
        self._plan = ChatListPlan()

    def draw(self, groups: Sequence[ChatGroup], current: str | None, waiting: bool) -> None:
        """Draw the list; without any chat, say whether one may still come."""
        self._nav.dataset.state = "ready" if groups else "loading" if waiting else "empty"
        reconcile(self._groups, self._plan.plan(groups, current))

    def focus(self, chat_id: str) -> None:
        """Put the focus on a chat's line, or on the list when the chat has none."""
        line = self._groups.querySelector(f'[data-chat-id="{quoted(chat_id)}"]')
        (line or self._nav).focus()

    def clear(self) -> None:
        """Take every title out."""
        empty(self._groups)
        self._plan = ChatListPlan()
        self._nav.dataset.state = "loading"


class ChatListPlan:
    """What the list shows already, group by group."""

    def __init__(self) -> None:
        self._outer = Keyed()
        self._inner: dict[str, Keyed] = {}

    def plan(self, groups: Sequence[ChatGroup], current: str | None) -> list[list[Any]]:
        """The plan of the groups, each with the plan of its chats as its third member."""
        outer = self._outer.plan((group.label, None, partial(_group, group.label)) for group in groups)
        self._inner = {group.label: self._inner.get(group.label) or Keyed() for group in groups}
        return [
            [*told, self._inner[group.label].plan(_items(group, current))]
            for told, group in zip(outer, groups, strict=True)
        ]


def _items(group: ChatGroup, current: str | None) -> list[Item]:
    return [(item.id, (item, item.id == current), partial(chat_line, item, item.id == current)) for item in group.items]


def _group(label: str) -> Element:
    return ("section", {"class": "group"}, ("h2", None, label), ("ul", {"data-items": ""}))


def chat_line(item: ChatItem, current: bool) -> Element:
    """One chat: a link whose name starts with the title."""
    link: dict[str, str] = {"href": f"#chat={item.id}", "data-chat-id": item.id}
    if current:
        link["aria-current"] = "page"
    kind = "title unreadable" if item.unreadable else "title"
    parts: list[Node] = [
        ("span", {"class": kind, "dir": "auto"}, item.title),
        " ",  # without white space, the parts would run together in the link's name
        ("span", {"class": "when"}, item.when),
    ]
    if item.draft:
        draft: Node = ("span", {"dir": "auto"}, item.draft)
        parts += [" ", ("span", {"class": "snippet"}, ("em", None, "Draft:"), " ", draft)]
    return element("li", {"class": "chat"}, element("a", link, *parts))


def quoted(text: str) -> str:
    """Text inside the quotes of a CSS selector."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ")
