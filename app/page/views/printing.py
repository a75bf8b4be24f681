"""Printing the open chat: says that it is being loaded, and prints once all of it is in the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import js

from app.page.views.elements import by_id
from hearth.core.view.open_chat import Printing
from hearth.core.view.screen import Screen


class PrintingView:
    """Draws the sentence above the messages, and opens the browser's dialog; the sentence is announced."""

    def __init__(self, start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._sentence = by_id("printing")
        self._start = start
        self._shown = Printing()

    def draw(self, screen: Screen) -> None:
        """Say how far it has come, beside the chat that it is about; print once when that is due."""
        before, self._shown = self._shown, screen.printing
        sentence = screen.printing.sentence if screen.printing.chat_id == screen.current else ""
        if sentence != str(self._sentence.textContent):
            self._sentence.textContent = sentence
        if screen.printing.due and screen.printing is not before:
            self._start(_print())

    def clear(self) -> None:
        """Say nothing."""
        self._shown = Printing()
        self._sentence.textContent = ""


async def _print() -> None:
    """The dialog stops every script of the page: what is being drawn just now comes first."""
    await asyncio.sleep(0)
    js.window.print()
