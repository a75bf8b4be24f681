"""The list of chats, grouped by the span of days of their last update."""

from __future__ import annotations

from collections.abc import Sequence

from app.page.views.chat_lines import ChatListPlan
from app.page.views.elements import by_id, empty, quoted, reconcile
from hearth.core.view.model import ChatGroup, ListState


class ChatListView:
    """Draws the groups, and marks the open chat."""

    def __init__(self) -> None:
        self._nav = by_id("chats")
        self._groups = by_id("chat-groups")
        self._plan = ChatListPlan()

    def draw(self, groups: Sequence[ChatGroup], current: str | None, without_chats: ListState) -> None:
        """Draw the list; without any chat, say what that means."""
        self._nav.dataset.state = "ready" if groups else without_chats.value
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
