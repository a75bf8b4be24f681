"""What the person does to write: the buttons, menus and forms of chats and messages, turned into intents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import js
from pyodide.ffi import JsException

from app.page.menus import chat_items, message_items
from app.page.navigation import Navigation
from app.page.views.chat import ChatView
from app.page.views.composer import ComposerView, touch
from app.page.views.elements import by_id
from app.page.views.menu import MenuView
from app.page.views.printing import PrintingView
from app.page.views.title_editor import TitleEditor
from app.page.views.undo import UndoView
from hearth.browser.ffi import Proxies
from hearth.core.view.message import Message
from hearth.core.view.open_chat import OpenedChat
from hearth.core.view.screen import Screen
from hearth.engine.intents.chats import OpenChat, PrintChat
from hearth.engine.intents.intent import Intent
from hearth.engine.intents.writing import (
    AnswerConsent,
    AskAssistant,
    DeleteChat,
    DeleteMessage,
    Discard,
    PinChat,
    StopAnswer,
    TryAgain,
    UndoDelete,
)

CHAT = "chat"
"""What the chat's menu is about; other menus are about the message of an id."""
SAID_SECONDS = 2.0
"""How long it is said that something was copied."""


class Writing:
    """Owns the parts of the page that are written in. `shows` is the screen that was drawn last, if any is."""

    def __init__(
        self,
        proxies: Proxies,
        intents: Callable[[Intent], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
        navigation: Navigation,
        chat: ChatView,
    ) -> None:
        self.shows: Screen | None = None
        self._intents = intents
        self._start = start
        self._chat = chat
        self._said = by_id("said")
        self._menu = MenuView(proxies)
        self._composer = ComposerView(proxies, intents, self._sent)
        self._title = TitleEditor()
        self._undo = UndoView()
        self._printing = PrintingView(start)
        self._new = False
        """Whether a new chat was asked for: the focus goes to its box."""
        self._navigation = navigation
        self._actions: dict[str, Callable[[Any], None]] = {
            "new-chat": lambda _button: self._new_chat(),
            "chat-options": lambda _button: self._chat_menu(),
            "message-options": self._message_menu,
            "rename": lambda _entry: self._rename(),
            "rename-end": lambda _button: self._rename_end(),
            "pin": lambda _entry: self._with_chat(lambda chat: PinChat(chat.id, pinned=True)),
            "unpin": lambda _entry: self._with_chat(lambda chat: PinChat(chat.id, pinned=False)),
            "print": lambda _entry: self._with_chat(lambda chat: PrintChat(chat.id)),
            "delete-chat": lambda _entry: self._delete_chat(),
            "undo": lambda _button: intents(UndoDelete()),
            "copy-message": lambda _entry: self._copy(),
            "edit": lambda _entry: self._edit(),
            "edit-end": lambda _button: self._edit_end(),
            "delete-message": lambda _entry: self._delete_message(),
            "try-again": lambda button: intents(TryAgain(str(button.getAttribute("data-mutation")))),
            "discard": lambda button: intents(Discard(str(button.getAttribute("data-mutation")))),
            "stop-answer": lambda _button: self._with_chat(lambda chat: StopAnswer(chat.id)),
            "ask-assistant": lambda _button: self._assistant(lambda chat: AskAssistant(chat.id)),
            "agree": lambda _button: self._assistant(lambda chat: AnswerConsent(chat.id, agree=True)),
            "keep-notebook": lambda _button: self._assistant(lambda chat: AnswerConsent(chat.id, agree=False)),
            "use-draft": lambda _button: self._composer.answer_offer(take=True),
            "dismiss-draft": lambda _button: self._composer.answer_offer(take=False),
        }

    # --- what the page shows of it ---

    def adopt(self, chat_id: str, composing: bool) -> None:
        """The box of this chat was on screen before Python ran, and may hold something."""
        self._composer.adopt(chat_id, composing)

    def draw(self, screen: Screen, last: Screen | None) -> None:
        """Draw what changed: box, menus, the bar with "Undo"."""
        self.shows = screen
        self._chat.editor.most = screen.most_text_bytes
        if last is None or _written_of(screen) != _written_of(last):
            self._title.follow(screen.chat)
            self._composer.draw(screen.chat, screen.composer, screen.most_text_bytes)
            if screen.composer.problem and (last is None or screen.composer is not last.composer):
                self._chat.editor.refused(screen.composer.problem)
            if screen.chat and screen.chat.is_new and self._new:
                self._new = False
                self._composer.focus()
        if screen.synced and screen.groups:
            for each in self._chat.editor.take_homeless(lambda: _listed(screen)):
                self._intents(each)
        self._printing.draw(screen)
        if last is None or screen.undo != last.undo:
            self._undo.draw(screen.undo)
        if screen.current != (last.current if last else None):
            self._menu.close(refocus=False)

    def clear(self) -> None:
        """Take every plaintext out."""
        self.shows = None
        self._new = False
        self._menu.close(refocus=False)
        self._title.end()
        self._composer.clear()
        self._undo.clear()
        self._printing.clear()
        self._said.textContent = ""

    # --- what is pressed ---

    def clicked(self, action: str, target: Any) -> bool:
        """Whether a button or an entry of a menu was one of these, and is served."""
        do = self._actions.get(action)
        if do is None:
            return False
        if target.getAttribute("role") == "menuitem":
            self._menu.close(refocus=True)
        do(target)
        return True

    def submitted(self, form: str) -> bool:
        """Whether a form was one of these, and is served."""
        match form:
            case "composer":
                self._composer.send()
            case "rename":
                self._put(self._title.submitted())
                if not self._title.open:
                    self._focus_options()
            case "edit":
                self._save_edit()
            case _:
                return False
        return True

    def key_pressed(self, event: Any, key: str) -> bool:
        """Whether a key was meant for one of these: Escape leaves a field without keeping what is in it."""
        if key != "Escape" or event.target.id not in ("rename-title", "edit-message"):
            return False
        event.preventDefault()
        if event.target.id == "rename-title":
            self._rename_end()
        else:
            self._edit_end()
        return True

    def _put(self, intent: Intent | None) -> None:
        if intent is not None:
            self._intents(intent)

    def _with_chat(self, make: Callable[[OpenedChat], Intent]) -> None:
        if self.shows and self.shows.chat:
            self._intents(make(self.shows.chat))

    # --- chats ---

    def _new_chat(self) -> None:
        self._new = True
        self._navigation.new_chat()

    def _chat_menu(self) -> None:
        if self.shows and self.shows.chat:
            self._menu.toggle(CHAT, chat_items(self.shows.chat), lambda: by_id("chat-options"))

    def _rename(self) -> None:
        if self.shows and self.shows.chat:
            self._title.begin(self.shows.chat)

    def _rename_end(self) -> None:
        self._title.end()
        self._focus_options()

    def _focus_options(self) -> None:
        by_id("chat-options").focus()

    def _delete_chat(self) -> None:
        self._undo.wanted = True
        self._with_chat(lambda chat: DeleteChat(chat.id))

    # --- messages ---

    def _assistant(self, make: Callable[[OpenedChat], Intent]) -> None:
        """Do something about the assistant with a button that goes: writing goes on in the box."""
        self._with_chat(make)
        if not touch():  # there it would bring the keyboard up
            self._composer.focus()

    def _sent(self) -> None:
        """One's own message is to be seen: the log goes to its end."""
        chat = self.shows.chat if self.shows else None
        if chat and chat.has_newer:
            self._intents(OpenChat(chat.id))
        self._chat.to_end()

    def _message_menu(self, button: Any) -> None:
        message_id = str(button.closest("[data-message-id]").getAttribute("data-message-id"))
        chat, message = self._message(message_id)
        if chat and message:
            items = message_items(message, chat.writable)
            self._menu.toggle(message_id, items, lambda: self._chat.options_of(message_id))

    def _message(self, message_id: str) -> tuple[OpenedChat | None, Message | None]:
        chat = self.shows.chat if self.shows else None
        return chat, next((each for each in chat.messages if each.id == message_id), None) if chat else None

    def _copy(self) -> None:
        _, message = self._message(self._menu.about)
        if message:
            self._start(self._copy_text(message))

    async def _copy_text(self, message: Message) -> None:
        try:
            await js.navigator.clipboard.writeText(message.text)
            self._said.textContent = "Copied"
        except (JsException, AttributeError):  # refused, or not there: the person copies what is selected
            self._chat.select(message.id)
            self._said.textContent = "Selected"
        await asyncio.sleep(SAID_SECONDS)
        self._said.textContent = ""

    def _edit(self) -> None:
        _, message = self._message(self._menu.about)
        if message:
            self._chat.edit(message)

    def _edit_end(self) -> None:
        """Back to the message, and to the button that led here."""
        message_id = self._chat.editor.message
        self._chat.edit(None)
        self._chat.focus_options(message_id)

    def _save_edit(self) -> None:
        """Send what was written anew; the box goes when the message has it, or when there is nothing new in it."""
        intent = self._chat.editor.submitted()
        if intent is not None:
            self._intents(intent)
        elif self._chat.editor.unchanged:
            self._edit_end()

    def _delete_message(self) -> None:
        message_id = self._menu.about
        self._with_chat(lambda chat: DeleteMessage(chat.id, message_id))


def _written_of(screen: Screen) -> tuple[object, ...]:
    return id(screen.chat), id(screen.composer), screen.most_text_bytes


def _listed(screen: Screen) -> set[str]:
    return {item.id for group in screen.groups for item in group.items}
