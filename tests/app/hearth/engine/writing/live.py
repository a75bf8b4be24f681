"""Devices of one account that write, against the real server, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from hearth.core.view.chat_list import ChatItem
from hearth.core.view.message import Message
from hearth.core.view.open_chat import OpenedChat
from hearth.core.view.screen import Screen
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.intent import Intent
from server_mock.directus_standin import app as standin_app
from server_mock.directus_standin.app import StandIn
from tests.peers import Browser, LiveWorld, LoopTime, make_task
from tests.server_mock.world import EMAIL, PASSWORD, TOKEN
from tests.virtual import VirtualLoop, in_place

MOMENT_S = 2.0
"""Long enough for anything that waits for nothing."""


class Live:
    """A server with four chats of two messages, or as many as are wanted, and browsers that are signed in."""

    def __init__(self, loop: VirtualLoop, standin: StandIn, chats: int = 4) -> None:
        self.loop, self.standin, self.chats = loop, standin, chats
        self.world: LiveWorld

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def begin(self) -> None:
        self.world = LiveWorld(self.standin, LoopTime(), sleep=asyncio.sleep)
        self.world.start()
        await self.world.seed(chats=self.chats, messages=2)

    def wait(self, seconds: float = MOMENT_S) -> None:
        """Let time pass."""
        self.run(asyncio.sleep(seconds))

    def browse(self) -> Browser:
        """One more browser, in which the person has signed in."""

        async def browse() -> Browser:
            return self.world.browse()

        browser: Browser = self.run(browse())
        self.wait()
        browser.sign_in(EMAIL, PASSWORD)
        self.wait()
        return browser

    def signed_in(self) -> Browser:
        """One more browser, up to date."""
        browser = self.browse()
        assert screen(browser).status.sentence == "Up to date"
        return browser

    def do(self, browser: Browser, *intents: Intent, wait: float = MOMENT_S) -> None:
        """The person does something, and time passes."""
        for intent in intents:
            browser.do(intent)
        self.wait(wait)

    def open(self, browser: Browser, at: int = 0) -> str:
        """Open a chat of the list; its id."""
        chat = items(browser)[at].id
        self.do(browser, OpenChat(chat))
        return chat

    def reload(self, browser: Browser) -> None:
        """Load the page anew, in the middle of whatever it does."""

        async def load() -> None:
            browser.load()

        self.run(load())
        self.wait()

    def stored(self, collection: str = "messages") -> list[dict[str, Any]]:
        """The rows on the server's disk."""
        rows: list[dict[str, Any]] = self.run(self.world.services.client.search(collection))
        return rows

    def until(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until something holds."""
        for _ in range(int(seconds * 10)):
            if holds():
                return
            self.wait(0.1)
        raise AssertionError("it did not come to hold")


@contextmanager
def live(chats: int = 4) -> Iterator[Live]:
    """A server that ends with the test, in a loop of its own."""
    loop = VirtualLoop()
    loop.set_task_factory(make_task)
    asyncio.set_event_loop(loop)
    standin = StandIn(TOKEN)
    there = Live(loop, standin, chats)
    with mock.patch.object(standin_app, "run_in_threadpool", in_place):
        there.run(there.begin())
        try:
            yield there
        finally:
            there.run(end(there))
            loop.close()
            asyncio.set_event_loop(None)


async def end(there: Live) -> None:
    await there.world.end_connections()
    await there.world.stop()
    there.standin.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def screen(browser: Browser) -> Screen:
    return browser.page.screen


def items(browser: Browser) -> list[ChatItem]:
    """The lines of the chat list."""
    return [item for group in screen(browser).groups for item in group.items]


def opened(browser: Browser) -> OpenedChat:
    chat = screen(browser).chat
    assert chat is not None
    return chat


def texts(browser: Browser) -> list[str]:
    """What the open chat says."""
    return [each.text for each in opened(browser).messages]


def last(browser: Browser) -> Message:
    return opened(browser).messages[-1]
