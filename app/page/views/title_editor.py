"""The field in which the open chat is renamed, in place of its heading."""

from __future__ import annotations

from app.page.editing import TITLE_GONE, is_gone
from app.page.views.elements import by_id
from hearth.core.view.open_chat import OpenedChat
from hearth.engine.intents.writing import RenameChat


class TitleEditor:
    """Shows the field instead of the heading, as long as the same chat is open; says so when that is deleted."""

    def __init__(self) -> None:
        self._head = by_id("chat-head")
        self._form = by_id("rename")
        self._field = by_id("rename-title")
        self._problem = by_id("rename-problem")
        self._chat: OpenedChat | None = None

    @property
    def open(self) -> bool:
        """Whether a chat is being renamed."""
        return self._chat is not None

    def begin(self, chat: OpenedChat) -> None:
        """Rename a chat: its title is selected, so that typing replaces it."""
        self._chat = chat
        self._field.value = chat.title
        self._form.hidden = False
        self._head.toggleAttribute("data-renaming", True)
        self._field.focus()
        self._field.select()

    def follow(self, chat: OpenedChat | None) -> None:
        """Stop when another chat is open; what was typed stays when this one is deleted."""
        if self._chat and (chat is None or chat.id != self._chat.id):
            self.end()
        said = TITLE_GONE if self._chat and chat and is_gone(chat) else ""
        if said != str(self._problem.textContent):
            self._problem.textContent = said

    def submitted(self) -> RenameChat | None:
        """The title that the person keeps; None when there is none, or the same as before. The field goes.

        It stays where the chat is deleted: there is nothing to rename.
        """
        if self._problem.textContent:
            return None
        chat, title = self._chat, " ".join(str(self._field.value).split())
        self.end()
        return RenameChat(chat.id, title) if chat and title and title != chat.title else None

    def end(self) -> None:
        """The heading is back."""
        self._chat = None
        self._field.value = self._problem.textContent = ""
        self._form.hidden = True
        self._head.toggleAttribute("data-renaming", False)
