"""An account with three chats, an engine with fakes, and a server that the test plays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hearth.core.protocol.server_events import (
    FirstChatReady,
    RecentChatsReady,
    RecordsEvent,
    RemainingChatsReady,
    ServerEvent,
    SettingsAndMemoriesReady,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.view.screen import Phase, Screen
from hearth.engine.engine import Engine
from hearth.engine.intents.account import SignIn
from hearth.engine.queue_items import TabMessage
from hearth.testing.device import FakeDevice
from hearth.testing.network import FakeSocket
from hearth.testing.page import FakePage
from hearth.testing.tabs import FakeBrowser, FakeTabs
from tests.account import EMAIL, PASSWORD, MadeAccount

CHATS, MESSAGES, ENTRIES = Collection


class Journey:
    """A session, its fakes, and the words to drive them."""

    def __init__(self, browser: FakeBrowser | None = None) -> None:
        self.account = MadeAccount()
        self.device = FakeDevice(FakeTabs(browser))
        self.device.tabs.heard = lambda text: self.engine.post(TabMessage(text))
        api = self.device.api
        api.email, api.salt = EMAIL, self.account.salt
        api.lookup_hash, api.account = self.account.lookup_hash, self.account.entry
        self._tasks: list[asyncio.Task[None]] = []
        self.load()

    def load(self, leaving: str | None = None) -> None:
        """Load the page (again); `leaving` is who was signed out before Python came."""
        for task in self._tasks:
            task.cancel()
        self.device.tabs.release()
        self.page = FakePage()
        self.engine = Engine(self.device, self.page, leaving)
        self._tasks.append(asyncio.create_task(self.engine.run()))
        self._seq = 0

    @property
    def socket(self) -> FakeSocket:
        """The connection of the moment."""
        return self.device.sockets[-1]

    @property
    def screen(self) -> Screen:
        """What is shown."""
        return self.page.screen

    def sent(self, name: str) -> list[dict[str, Any]]:
        """The frames of a name that the device sent on this connection."""
        return [frame for frame in map(json.loads, self.socket.sent) if frame["event"] == name]

    async def until(self, condition: Callable[[], Any], what: str = "") -> None:
        """Let the session work until a condition holds."""
        for _ in range(2000):
            if self.page.screens and condition():
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"never: {what or condition}; {self.screen}")

    async def sign_in(self, password: str = PASSWORD) -> None:
        """Sign in and greet."""
        await self.until(lambda: self.screen.phase is Phase.SIGNED_OUT)
        self.engine.post(SignIn(EMAIL, password))
        await self.greeted()

    async def greeted(self, connection: int = 1) -> dict[str, Any]:
        """Wait for the hello of the n-th connection."""
        await self.until(lambda: len(self.device.sockets) >= connection and self.sent("hello"), "hello")
        self._seq = 0
        return self.sent("hello")[0]

    def deliver(self, event: ServerEvent, **rows: list[dict[str, Any]]) -> None:
        """The server sends an event with these records (chats, messages, entries)."""
        by_name = {"chats": CHATS, "messages": MESSAGES, "entries": ENTRIES}
        records = {by_name[name]: each for name, each in rows.items() if each}
        self._seq += 1
        event = replace(event, seq=self._seq)
        if isinstance(event, RecordsEvent):
            event = replace(event, counts={name: len(each) for name, each in records.items()})
        self.socket.deliver(event, records)

    def warm(self, stamp: str = "100") -> None:
        """Deliver a whole warming: chats a (last opened, 60 messages) and b, one setting."""
        make = self.account
        long = [make.message("a", n, f"message {n}") for n in range(60)]
        self.deliver(
            FirstChatReady(chat_id="a", complete={"a": 1}),
            chats=[make.chat("a", "Alpha")],
            messages=long,
        )
        both = [make.chat("b", "Beta", last_updated=9), make.chat("c", "Gamma", last_updated=3)]
        self.deliver(
            RecentChatsReady(total_chats=3, complete={"b": 1}),
            chats=both,
            messages=[make.message("b", 1, "hi")],
        )
        self.deliver(
            SettingsAndMemoriesReady(),
            entries=[make.app("mail", "Mail"), make.setting("mail", "e1", "Signature", "Yours")],
        )
        self.deliver(RemainingChatsReady(complete={"c": 1}), messages=[make.message("c", 1, "last")])
        self.deliver(WarmingComplete(stamp=stamp, sent={CHATS: 3, MESSAGES: 62, ENTRIES: 2}, total_chats=3))

    async def current(self) -> None:
        """Wait until the device says that it is up to date."""
        await self.until(lambda: self.screen.status.sentence == "Up to date", "up to date")

    def titles(self) -> list[str]:
        """The chat list."""
        return [item.title for group in self.screen.groups for item in group.items]

    def texts(self) -> list[str]:
        """The open chat's messages as plain text."""
        assert self.screen.chat
        return [json.dumps(message.body, default=str) for message in self.screen.chat.messages]


Open = Callable[[], Journey]
"""Opens a tab of one browser; the first one makes what they share."""
