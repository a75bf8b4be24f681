"""The message box under the open chat: what is typed, a draft that is offered beside it, and what is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import js

from app.page.keyboard import key_of, sends
from app.page.message_box import MessageBox
from app.page.views.elements import by_id, grow, write_into
from hearth.browser.ffi import Proxies, js_object
from hearth.core.records.text_limit import DEFAULT_TEXT_BYTES
from hearth.core.view.open_chat import Composer, OpenedChat
from hearth.engine.intents.intent import Intent
from hearth.engine.intents.writing import SendMessage, TakeDraft, TypeDraft

ANSWERED_S = 10.0
"""After this time, in seconds, a press that nothing has come of can be repeated."""


class ComposerView:
    """Draws a `Composer`; says through `intents` what was typed and sent. `sent` is called at each press that sends."""

    def __init__(
        self, proxies: Proxies, intents: Callable[[Intent], None], sent: Callable[[], None] = lambda: None
    ) -> None:
        self._intents = intents
        self._sent = sent
        self._form = by_id("composer")
        self._field = by_id("message")
        self._offer = by_id("offer")
        self._offered = by_id("offer-text")
        self._problem = by_id("composer-problem")
        self._stop = by_id("stop")
        self._box = MessageBox()
        self._composer = Composer()
        self._composing = False
        self._adopts = ""
        self._drafted = ""
        self._unanswered: asyncio.TimerHandle | None = None
        proxies.listen(self._field, "input", lambda _event: self._typed())
        proxies.listen(self._field, "keydown", self._key_pressed)
        proxies.listen(self._field, "compositionstart", lambda _event: self._compose(True))
        proxies.listen(self._field, "compositionend", lambda _event: self._compose(False))
        # A press on a button would take the focus out of the box, and a phone's keyboard away.
        proxies.listen(by_id("send"), "mousedown", lambda event: event.preventDefault())

    def adopt(self, chat_id: str, composing: bool) -> None:
        """What was typed for this chat before Python ran stays in the box; an input method may be composing."""
        self._adopts, self._composing = chat_id, composing

    def draw(self, chat: OpenedChat | None, composer: Composer, most: int = DEFAULT_TEXT_BYTES) -> None:
        """Draw the box of the open chat; `most` is the longest text that can be sent, in bytes."""
        self._box.most = most
        writable = chat is not None and chat.writable
        self._form.hidden = not writable
        self._show_stop(chat is not None and chat.is_answering)
        new = composer is not self._composer
        self._composer = composer
        if self._box.bind(chat.id if chat else ""):
            self._drafted = ""
            if not (chat and chat.id == self._adopts):
                self._hold("")
            self._adopts = ""
            new = True
        if new and not self._composing:
            self._take()
        self._draw_rest()

    def _show_stop(self, answering: bool) -> None:
        """Show "Stop" while an answer comes; the focus goes from it into the box."""
        if bool(self._stop.hidden) is not answering:
            return
        had_focus = bool(self._stop.isSameNode(js.document.activeElement))
        self._stop.hidden = not answering
        self._form.toggleAttribute("data-answering", answering)
        if had_focus:
            self.focus()

    def _take(self) -> None:
        """Put in what the engine says, and tell it what the box holds if that is something else by now."""
        if not self._box.chat_id or self._composer.chat_id != self._box.chat_id:
            return
        known = self._box.revision
        held = self._box.take(self._composer, str(self._field.value))
        self._hold(held)
        if self._box.revision != known:
            self._drafted = self._composer.text
            self._tell()
        if self._box.due():
            self.send()

    def _hold(self, text: str) -> None:
        write_into(self._field, text)
        grow(self._field)

    def _draw_rest(self) -> None:
        composer = self._composer if self._composer.chat_id == self._box.chat_id else Composer()
        self._offer.hidden = not composer.offer
        self._offered.textContent = composer.offer
        said = self._box.too_long(str(self._field.value)) or composer.problem
        if said != str(self._problem.textContent):  # what stays is not announced again
            self._problem.textContent = said
        self._form.toggleAttribute("data-blank", not str(self._field.value).strip())

    def _typed(self) -> None:
        grow(self._field)
        self._tell()
        self._draw_rest()

    def _tell(self) -> None:
        draft = self._box.typed(str(self._field.value))
        if self._box.chat_id and draft != self._drafted:
            self._drafted = draft
            self._intents(TypeDraft(self._box.chat_id, draft))

    def _compose(self, composing: bool) -> None:
        """While an input method composes, nothing is put into the box: that would end it half-way."""
        self._composing = composing
        if not composing:
            self._take()
            self._draw_rest()

    def _key_pressed(self, event: Any) -> None:
        key = key_of(event)
        if sends(event, key, touch=touch()):
            event.preventDefault()
            self.send()

    def send(self) -> None:
        """Send what is in the box, unless that is nothing, or too long."""
        text = self._box.press(str(self._field.value))
        if not text or not self._box.chat_id:
            return
        self._drafted = ""
        self._intents(SendMessage(self._box.chat_id, text))
        self._sent()
        if self._unanswered is not None:
            self._unanswered.cancel()
        self._unanswered = asyncio.get_event_loop().call_later(ANSWERED_S, self._box.release)

    def answer_offer(self, take: bool) -> None:
        """The draft of another device is wanted, or not."""
        self._intents(TakeDraft(self._box.chat_id, take))
        self.focus()

    def focus(self) -> None:
        """Go on writing, behind what is there."""
        self._field.focus(js_object(preventScroll=True))
        end = int(self._field.textLength)
        self._field.setSelectionRange(end, end)

    def clear(self) -> None:
        """Take every plaintext out."""
        self.draw(None, Composer())
        if self._unanswered is not None:
            self._unanswered.cancel()
            self._unanswered = None


def touch() -> bool:
    """Whether the person writes on a touch keyboard, as far as a browser tells."""
    return bool(js.matchMedia("(pointer: coarse)").matches)
