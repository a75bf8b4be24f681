"""Starts the engine under CPython, against a real server: screens come out, intents go in.

from hearth.engine.intents import SignIn
from hearth.headless.client import Client

async with Client("http://127.0.0.1:8000") as client:
    client.post(SignIn("demo@hearth.example", "a password"))
    screen = await client.until(lambda screen: screen.synced)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

from hearth.core.view.screen import Screen
from hearth.engine.engine import Engine
from hearth.engine.intents import Intent
from hearth.engine.plain_page import PlainPage
from hearth.headless.device import HeadlessDevice


class Client:
    """A running engine, as an asynchronous context manager; `on_mark` hears of each User Timing mark that it sets."""

    def __init__(
        self,
        url: str,
        on_mark: Callable[[str], None] = lambda name: None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.device = HeadlessDevice(url, on_mark, transport)
        self.screen = Screen()
        """What is shown now."""
        self.on_screen: Callable[[Screen], None] = lambda screen: None
        """Hears of each screen."""
        self._engine = Engine(self.device, PlainPage(self._draw))
        self._task: asyncio.Task[None] | None = None
        self._waiting: list[tuple[Callable[[Screen], object], asyncio.Future[Screen]]] = []

    def post(self, intent: Intent) -> None:
        """Do what a person would do."""
        self._engine.post(intent)

    async def until(self, condition: Callable[[Screen], object], within_s: float = 30) -> Screen:
        """The first screen from now on, that of now included, for which a condition holds.

        Raises `TimeoutError`, and what the condition raises.
        """
        if condition(self.screen):
            return self.screen
        found: asyncio.Future[Screen] = asyncio.get_running_loop().create_future()
        waiter = (condition, found)
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(within_s):
                return await found
        finally:
            self._waiting.remove(waiter)

    def _draw(self, screen: Screen) -> None:
        self.screen = screen
        for condition, found in self._waiting:
            if found.done():
                continue
            try:
                holds = condition(screen)
            except Exception as error:  # noqa: BLE001 - it is raised where the condition was given
                found.set_exception(error)
            else:
                if holds:
                    found.set_result(screen)
        self.on_screen(screen)

    async def __aenter__(self) -> Self:
        """Start."""
        self._task = asyncio.create_task(self._engine.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of everything; the session at the server stays until it is signed out or expires."""
        self._engine.put_away()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self.device.client.close()
