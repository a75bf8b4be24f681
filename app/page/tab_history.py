"""The tab's history: which chat was open, so that back and forward walk through the chats.

An entry holds a chat's id and nothing else; the address and the window's title never name what is read.
"""

from __future__ import annotations

import asyncio
from typing import Any

import js

from hearth.browser.ffi import js_object

PAINTED_S = 0.05
"""After this time, in seconds, what was drawn is on screen: three frames."""


class Trail:
    """Writes the chat that is open into the entries of the tab's history."""

    def __init__(self) -> None:
        self._choices = 0

    def current(self) -> str | None:
        """The chat of the present entry; a reload keeps it."""
        return _chat_of(js.history.state)

    def chose(self, chat_id: str, before: str | None) -> None:
        """The person chose a chat: the present entry keeps the one before, a new one stands for this one."""
        self._choices += 1
        _note(before)
        if _chat_of(js.history.state) != chat_id:
            js.history.pushState(js_object(chat=chat_id), "")

    def went(self, event: Any) -> str | None:
        """The person went back or forward; the chat that was open there."""
        self._choices += 1
        return _chat_of(event.state)

    async def shows(self, chat_id: str | None) -> None:
        """Note the chat on screen once the frame is out: the first such call takes some 25 ms."""
        choices = self._choices
        await asyncio.sleep(PAINTED_S)
        if choices == self._choices:  # what the person has chosen since has an entry of its own
            _note(chat_id)

    def addressed(self) -> str | None:
        """The chat that a line of the list, opened in a new tab, has put into the address, once."""
        address = str(js.location.hash)
        if not address.startswith("#chat="):
            return None
        self.clear()
        return address.removeprefix("#chat=")

    def clear(self) -> None:
        """Take out of the present entry and address which chat was open."""
        js.history.replaceState(None, "", js.location.pathname)


def _note(chat_id: str | None) -> None:
    if _chat_of(js.history.state) != chat_id:
        js.history.replaceState(js_object(chat=chat_id), "")


def _chat_of(state: Any) -> str | None:
    chat_id = getattr(state, "chat", None) if state else None
    return str(chat_id) if chat_id else None
