"""The list of chats, grouped by the span of days of their last update, and what is said at its end."""

from __future__ import annotations

from collections.abc import Sequence

from app.page.views.chat_lines import ChatListPlan
from app.page.views.elements import by_id, empty, quoted, reconcile
from hearth.core.view.chat_list import ChatGroup, ListState, OlderChatsView


class ChatListView:
    """Draws the groups, and marks the open chat."""

    def __init__(self) -> None:
        self._nav = by_id("chats")
        self._groups = by_id("chat-groups")
        self._plan = ChatListPlan()
        self._end = by_id("chats-end")
        self._count = by_id("chats-count")
        self._listed = by_id("chats-listed")
        self._more = by_id("older-chats")

    def draw(self, groups: Sequence[ChatGroup], current: str | None, without_chats: ListState) -> None:
        """Draw the list; without any chat, say what that means."""
        self._nav.dataset.state = "ready" if groups else without_chats.value
        reconcile(self._groups, self._plan.plan(groups, current))

    def draw_end(self, older: OlderChatsView) -> None:
        """Draw how many of the chats are here, and the button that lists more."""
        self._end.hidden = not older.sentence
        for element, text in ((self._count, older.sentence), (self._listed, older.about)):
            if element.textContent != text:  # what stays is not announced again
                element.textContent = text
        if not older.can_list and self._more.matches(":focus"):
            self._nav.focus()  # the button goes
        self._more.hidden = not older.can_list
        self._more.toggleAttribute("data-busy", older.listing)
        self._more.setAttribute("aria-disabled", "true" if older.listing else "false")

    def focus(self, chat_id: str) -> None:
        """Put the focus on a chat's line, or on the list when the chat has none."""
        line = self._groups.querySelector(f'[data-chat-id="{quoted(chat_id)}"]')
        (line or self._nav).focus()

    def clear(self) -> None:
        """Take every title out."""
        empty(self._groups)
        self.draw_end(OlderChatsView())
        self._plan = ChatListPlan()
        self._nav.dataset.state = "loading"
