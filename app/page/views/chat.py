"""The open chat: its title, its messages with the newest in view, or what there is to say instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import js

from app.page.views.answer import block_items, items_with, note_trees
from app.page.views.busy_log import BusyLog
from app.page.views.elements import by_id, empty, fill, quoted, reconcile, to_start
from app.page.views.icons import icon
from app.page.views.keyed import Keyed
from app.page.views.message import log_items
from app.page.views.message_editor import MessageEditor
from hearth.browser.ffi import Proxies, js_object
from hearth.core.vdom import Node
from hearth.core.view.chat_list import ListState
from hearth.core.view.message import Message
from hearth.core.view.open_chat import ChatState, OpenedChat

MARGINS = "800px 0px 96px 0px"
"""How near the top has to come for older messages to be asked for, and how far up is away from the latest."""

NOTES = {
    "choose": ("chat", "Choose a chat", "Your chats are in the list. Pick one, or begin a new one."),
    "none": ("chat", "No chats yet", "Press “New chat” to begin one."),
    "unsynced": (
        "clock",
        "Your chats are not on this device yet",
        "They come as soon as Hearth reaches the server.",
    ),
    "empty": ("chat", "No messages yet", "Write the first one below."),
    "new": ("chat", "A new chat", "It is kept as soon as something is written in it."),
    "gone": ("gone", "This chat is not here", "It was deleted, or it is not one of your chats."),
    "absent": ("archive", "This chat is not on this device", "If it is one of your older chats, it can be fetched."),
    "fetching": ("clock", "Fetching this chat…", "Without a connection, this waits until there is one."),
}
"""Icon, title and sentence of each state in which there are no messages."""

FETCH: Node = ("button", {"type": "button", "data-action": "fetch-again"}, "Fetch this chat")


class ChatView:
    """Draws the open chat; asks for older messages when the top comes near."""

    def __init__(
        self, proxies: Proxies, show_older: Callable[[], None], show_newer: Callable[[], None] = lambda: None
    ) -> None:
        self._main = by_id("chat")
        self._title = by_id("chat-title")
        self._log = by_id("messages")
        self._items = by_id("message-items")
        self._older = by_id("older")
        self._latest = by_id("latest")
        self._to_latest = by_id("to-latest")
        self._note = by_id("chat-note")
        self._options = by_id("chat-options")
        self._warning = by_id("chat-warning")
        self._noted: list[Node] = []
        self._warned: str | None = None
        self._answer_note = by_id("answer-note")
        self._answer_noted: list[Node] = []
        self._keyed = Keyed()
        self._blocks = Keyed()
        self._busy = BusyLog(self._log)
        self.editor = MessageEditor(proxies)
        self._chat: OpenedChat | None = None
        self.adopts = ""
        """The chat whose messages were on screen before Python ran, until one is drawn."""
        self._show_older = show_older
        self._show_newer = show_newer
        options = js_object(root=self._log, rootMargin=MARGINS)
        self._observer = js.IntersectionObserver.new(proxies.make(self._seen), options)
        self._observer.observe(self._latest)

    def draw(self, chat: OpenedChat | None, any_chat: bool, without_chats: ListState) -> None:
        """Draw the open chat, or what there is to say when none is open."""
        before, self._chat = self._chat, chat
        if before and chat and has_only_grown(before, chat):
            self._draw_messages(chat)
            return
        self._busy.draws(before, chat)
        edited = self.editor.message
        self.editor.follow(chat)
        state = state_of(chat, any_chat, without_chats)
        adopted, self.adopts = chat is not None and chat.id == self.adopts, ""
        if not adopted and (chat is None or before is None or before.id != chat.id):
            self._clear_messages()
        self._main.dataset.state = state
        title = title_of(chat, state)
        if self._title.textContent != title:  # what is selected in it stays so
            self._title.textContent = title
        self._options.hidden = chat is None or not chat.writable or chat.is_new
        if note := NOTES.get("new" if chat and chat.is_new and state == ChatState.EMPTY else state):
            self._note_down(*note, *([FETCH] if state == ChatState.ABSENT else []))
        else:
            self._noted = []
            empty(self._note)
        jumped = chat is not None and chat.jump > 0 and (before is None or before.jump != chat.jump)
        if chat is not None and chat.state is ChatState.READY:
            if jumped:
                self._clear_messages()
            # What comes after the end is put there without moving what is read.
            self._log.toggleAttribute("data-anchored", before is not None and before.has_newer and not jumped)
            self._draw_messages(chat, edited)
        else:
            self.editor.put(self._items)
        self._watch_for_older(chat is not None and chat.has_older)
        self._observer.unobserve(self._latest)
        self._observer.observe(self._latest)
        if jumped:
            self._show_marked()
        self._draw_warning(chat.warning if chat else "")
        self._draw_answer_note(note_trees(chat.answer) if chat else [])

    def _draw_messages(self, chat: OpenedChat, edited: str = "") -> None:
        """Draw the messages; the focus goes from a box that has done its work to the message that it was for."""
        reconcile(self._items, self._plan(chat))
        self.editor.put(self._items)
        focused = js.document.activeElement
        if edited and not self.editor.message and (focused.id == "messages" or focused.isSameNode(js.document.body)):
            self.focus_options(edited)

    def _plan(self, chat: OpenedChat) -> list[list[Any]]:
        """What changes in the log; of an answer that grows only the last block does."""
        growing = chat.answer.message if chat.answer and chat.is_answering and not chat.has_newer else None
        if growing is None:
            self._blocks.forget()
            return self._keyed.plan(log_items(chat.messages, chat.marked, self.editor.message))
        plan = self._keyed.plan(items_with(chat.messages, growing, chat.marked, self.editor.message))
        if plan[-1][1]:  # the article is new
            self._blocks.forget()
        blocks = chat.answer.blocks if chat.answer else ()
        return [*plan[:-1], [*plan[-1], self._blocks.plan(block_items(blocks))]]

    def _draw_answer_note(self, nodes: list[Node]) -> None:
        """What there is to say of the assistant; the focus goes from a button that has done its work to the log."""
        if nodes != self._answer_noted:
            self._answer_noted = nodes
            had_focus = bool(self._answer_note.contains(js.document.activeElement))
            fill(self._answer_note, nodes)
            self._answer_note.hidden = not nodes
            if had_focus:
                self._log.focus(js_object(preventScroll=True))

    def edit(self, message: Message | None) -> None:
        """Edit a message in its place, or leave that without keeping what was typed."""
        if message:
            self.editor.begin(message)
        else:
            self.editor.end()
        if self._chat and self._chat.state is ChatState.READY:
            self._draw_messages(self._chat)
        if message:
            self.editor.focus()

    def options_of(self, message_id: str) -> Any:
        """The button with the options of a message, if that is on the page."""
        find = f'[data-message-id="{quoted(message_id)}"] [data-action="message-options"]'
        return self._items.querySelector(find)

    def focus_options(self, message_id: str) -> None:
        """Put the focus on the button with the options of a message."""
        button = self.options_of(message_id)
        if button:
            button.focus(js_object(preventScroll=True))

    def select(self, message_id: str) -> None:
        """Select the text of a message, for the person to copy it."""
        prose = self._items.querySelector(f'[data-message-id="{quoted(message_id)}"] .prose')
        if prose:
            js.getSelection().selectAllChildren(prose)

    def _note_down(self, name: str, title: str, sentence: str, *more: Node) -> None:
        nodes: list[Node] = [icon(name), ("p", {"class": "note-title"}, title), ("p", None, sentence), *more]
        if nodes != self._noted:  # what stays keeps the focus
            self._noted = nodes
            fill(self._note, nodes)

    def _show_marked(self) -> None:
        """Bring the message at which the chat was opened into view, and begin to read there."""
        message = by_id("found-message")
        if message:
            message.scrollIntoView(js_object(block="center"))
            message.focus(js_object(preventScroll=True))

    def _draw_warning(self, warning: str) -> None:
        """What is wrong with the chat; announced when it is written, so what stays is not written again."""
        if warning != self._warned:
            self._warned = warning
            self._warning.hidden = not warning
            self._warning.querySelector("p").textContent = warning

    def _watch_for_older(self, has_older: bool) -> None:
        """Observe the top anew: an observer tells only what changes, and a short page may still be in view."""
        self._observer.unobserve(self._older)
        self._older.hidden = not has_older
        if has_older:
            self._observer.observe(self._older)

    def _seen(self, entries: Any, _observer: Any) -> None:
        for entry in entries:
            if entry.target.id == "latest":
                has_newer = self._chat is not None and self._chat.has_newer
                at_end = bool(entry.isIntersecting) and not has_newer
                self._to_latest.hidden = at_end or not self._items.childElementCount
                if entry.isIntersecting and has_newer:
                    self._show_newer()
            elif entry.isIntersecting and self._chat and self._chat.has_older:
                self._show_older()

    def to_end(self) -> None:
        """Scroll to the newest message, and stay there when one comes."""
        to_start(self._log)  # the log is laid out from its end

    def to_latest(self) -> None:
        """Scroll to the newest message and go on from there."""
        self._log.scrollTop = 0  # the log is laid out from its end: 0 is the newest message
        self._log.focus()

    def focus(self) -> None:
        """Put the focus on the title, where reading begins."""
        self._title.focus(js_object(preventScroll=True))

    def clear(self) -> None:
        """Take every plaintext out."""
        self._chat = None
        self._clear_messages()
        self._title.textContent = ""
        self._main.dataset.state = "loading"
        self._noted = []
        empty(self._note)
        self.editor.clear()
        self._options.hidden = True
        self._draw_warning("")
        self._draw_answer_note([])

    def close(self) -> None:
        """Stop observing."""
        self._busy.close()
        self._observer.disconnect()

    def _clear_messages(self) -> None:
        self._keyed.forget()
        self._blocks.forget()
        empty(self._items)
        to_start(self._log)
        self._to_latest.hidden = True
        self._older.hidden = True


def has_only_grown(before: OpenedChat, after: OpenedChat) -> bool:
    """Whether nothing but an answer has grown."""
    if not (before.is_answering and after.is_answering):
        return False
    return replace(before, answer=None) == replace(after, answer=None)


def state_of(chat: OpenedChat | None, any_chat: bool, without_chats: ListState) -> str:
    """What the pane shows: the open chat, or which note."""
    if chat is not None:
        return chat.state.value
    if any_chat:
        return "choose"
    return "none" if without_chats is ListState.EMPTY else without_chats.value


def title_of(chat: OpenedChat | None, state: str) -> str:
    """The level-1 heading."""
    if chat is not None:
        return chat.title
    return "Opening your chats" if state == "loading" else "Hearth"
