"""The box in which a message of one's own is written anew, in that message's place in the log."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import js

from app.page.editing import lost_place
from app.page.keyboard import key_of, sends
from app.page.views.composer import touch
from app.page.views.elements import by_id, grow
from hearth.browser.ffi import Proxies, js_object
from hearth.core.records.text_limit import DEFAULT_TEXT_BYTES, too_long
from hearth.core.view.message import Message
from hearth.core.view.open_chat import OpenedChat
from hearth.engine.intents.writing import EditMessage

PLACE = "edit-place"
"""The class of the element in a message's tree that the box goes into."""


class MessageEditor:
    """One box for all messages: it moves to the one that is edited. `message` is that message's id, or empty.

    What was typed stays with its chat: the person may look into another one and come back. When the message is deleted
    meanwhile, the box stays open under the log, and says so.
    """

    def __init__(self, proxies: Proxies) -> None:
        self._home = by_id("edit-home")
        self._form = by_id("edit")
        self._field = by_id("edit-message")
        self._problem = by_id("edit-problem")
        self._chat_id = ""
        self._before: Message | None = None
        self._saving = False
        self._lost = ""
        """Why the message has no place any longer; empty while it has one."""
        self.most = DEFAULT_TEXT_BYTES
        """The longest text that can be sent, in bytes."""
        self._left: dict[str, tuple[Message, str]] = {}
        proxies.listen(self._field, "input", lambda _event: self._typed())
        proxies.listen(self._field, "keydown", self._key_pressed)

    @property
    def message(self) -> str:
        """The id of the message that is edited."""
        return self._before.id if self._before else ""

    def begin(self, message: Message) -> None:
        """Edit a message; the box comes into its place with the next `put`."""
        self.end()
        self._start(message, message.text)

    def _start(self, message: Message, text: str) -> None:
        self._before, self._saving = message, False
        self._field.value = text
        self._say()

    def end(self) -> None:
        """Stop editing; what was typed is forgotten."""
        self._before, self._lost = None, ""
        self._field.value = self._problem.textContent = ""
        self._home.append(self._form)
        self._home.hidden = True

    def follow(self, chat: OpenedChat | None) -> None:
        """Another chat may be open, or the message be written anew or deleted."""
        chat_id = chat.id if chat else ""
        if chat_id != self._chat_id:
            if self._before and not self._saving:
                self._left[self._chat_id] = (self._before, str(self._field.value))
            self.end()
            self._chat_id = chat_id
            if chat_id in self._left:
                self._start(*self._left.pop(chat_id))
        if chat is None or self._before is None:
            return
        if self._saving and self._is_kept(self._before, chat):
            self.end()
            return
        lost = lost_place(self._before, chat)
        if lost != self._lost:
            self._lost = lost
            self._say()

    def _is_kept(self, before: Message, chat: OpenedChat) -> bool:
        """Whether the chat shows what was saved: the message as it was written anew, or one that is not sent."""
        now = next((each for each in chat.messages if each.id == before.id), None)
        if now is None:
            text = str(self._field.value)
            return any(each.problem and each.text == text for each in chat.messages)
        return _written(now) != _written(before)

    def _say(self) -> None:
        """What is wrong with the box, unless that is said already."""
        said = too_long(str(self._field.value), self.most) or self._lost
        if said != str(self._problem.textContent):
            self._problem.textContent = said

    def refused(self, problem: str) -> None:
        """What was saved could not be kept: it stays in the box, with the reason, and can be saved again."""
        if self._saving:
            self._saving = False
            self._problem.textContent = problem

    def take_homeless(self, listed: Callable[[], Set[str]]) -> list[EditMessage]:
        """What was typed in chats that are not open, and not listed any longer. It is told once, to be kept."""
        if not self._left:
            return []
        known = listed()
        gone = [chat_id for chat_id in self._left if chat_id not in known]
        left = [(chat_id, *self._left.pop(chat_id)) for chat_id in gone]
        return [EditMessage(chat_id, before.id, text) for chat_id, before, text in left if text != before.text]

    def put(self, items: Any) -> None:
        """Bring the box into its place among the messages, or away from them while its message is not there."""
        place = items.querySelector(f".{PLACE}") if self._before and not self._lost else None
        self._home.hidden = not self._lost
        target = place or self._home
        if not target.contains(self._form):
            active = js.document.activeElement  # the log has the focus of what was taken out of it
            was_here = self._form.contains(active) or active.id == "messages" or js.document.body.isSameNode(active)
            self._move(target, focus=bool(place) or (bool(self._lost) and was_here))

    def _move(self, target: Any, *, focus: bool) -> None:
        """Move the box; who is writing goes on there."""
        start, end = self._field.selectionStart, self._field.selectionEnd
        target.append(self._form)
        if focus:
            grow(self._field)
            self._field.setSelectionRange(start, end)
            self._field.focus(js_object(preventScroll=True))

    def focus(self) -> None:
        """Begin to write behind what is there."""
        end = int(self._field.textLength)
        self._field.focus()
        self._field.setSelectionRange(end, end)

    def _typed(self) -> None:
        self._saving = False
        grow(self._field)
        self._say()

    def _key_pressed(self, event: Any) -> None:
        key = key_of(event)
        if sends(event, key, touch=touch()):
            event.preventDefault()
            self._form.requestSubmit()

    @property
    def unchanged(self) -> bool:
        """Whether the box holds the message as it was."""
        return self._before is not None and str(self._field.value) == self._before.text

    def submitted(self) -> EditMessage | None:
        """What the person saved: None for what cannot be sent, and for what has not changed."""
        text = str(self._field.value)
        if self._before is None or self._saving or not text.strip() or self.unchanged or too_long(text, self.most):
            return None
        self._saving = True
        return EditMessage(self._chat_id, self.message, text)

    def clear(self) -> None:
        """Take every plaintext out."""
        self.end()
        self._left.clear()
        self._chat_id = ""


def _written(message: Message) -> tuple[object, ...]:
    return message.text, message.mutation, message.edited
