"""A page that remembers every screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hearth.core.view.screen import Screen


class FakePage:
    """`hearth.ports.page.Page` that remembers every screen."""

    def __init__(self) -> None:
        self.screens: list[Screen] = []
        self.cleared = 0
        self.hidden = 0
        self.entry: str | None = None
        """The chat of the tab's entry in its history."""
        self.drawn_early = False
        """Whether a view of it was drawn before the engine ran."""
        self._drawn = asyncio.Event()

    @property
    def screen(self) -> Screen:
        """What is shown."""
        return self.screens[-1]

    async def until(self, condition: Callable[[Screen], object], within_s: float = 10) -> Screen:
        """Wait for a screen of which a condition holds. Raises `TimeoutError`."""
        async with asyncio.timeout(within_s):
            while not self.screens or not condition(self.screen):
                self._drawn.clear()
                await self._drawn.wait()
        return self.screen

    def showed(self) -> str | None:
        """The chat of the tab's entry."""
        return self.entry

    def shows_chat(self) -> bool:
        """Whether it was drawn before."""
        return self.drawn_early

    def draw(self, screen: Screen) -> None:
        """Remember."""
        self.screens.append(screen)
        self._drawn.set()

    def clear(self) -> None:
        """Count; no chat is open any more."""
        self.cleared += 1
        self.entry = None

    def hide(self) -> None:
        """Count; the chat that was open stays the entry's."""
        self.hidden += 1
