"""The chat list as trees: groups with a heading each, and a link for each chat."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from app.page.views.icons import icon
from app.page.views.keyed import Item, Keyed
from hearth.core.vdom import Element, Node, element
from hearth.core.view.chat_list import ChatGroup, ChatItem


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
    kind = "title unreadable" if item.unreadable else "title unread" if item.unread else "title"
    parts: list[Node] = [
        ("span", {"class": kind, "dir": "auto"}, item.title),
        " ",  # without white space, the parts would run together in the link's name
        ("span", {"class": "when"}, item.when),
    ]
    if item.unread:
        noun = "message" if item.unread == 1 else "messages"
        count: Node = ("span", {"class": "count"}, str(item.unread), ("span", {"class": "unseen"}, f" unread {noun}"))
        parts += [" ", count]
    if item.flag:
        parts += [" ", ("span", {"class": "flag"}, icon("warning"), " ", item.flag)]
    if item.draft:
        draft: Node = ("span", {"dir": "auto"}, item.draft)
        parts += [" ", ("span", {"class": "snippet"}, ("em", None, "Draft:"), " ", draft)]
    return element("li", {"class": "chat"}, element("a", link, *parts))
