"""The tabs of one browser, in memory."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from hearth.testing.keys import FakeKeyStore


class FakeBrowser:
    """What the tabs of one browser share: a channel, and the locks with those who wait for them, in order."""

    def __init__(self) -> None:
        self.tabs: list[FakeTabs] = []
        self.key_stores: list[FakeKeyStore] = []
        self.lines: dict[str, list[FakeTabs]] = defaultdict(list)
        self.sign_in = asyncio.Lock()


class FakeTabs:
    """`hearth.ports.tabs.Tabs` of one tab; `told` is what it said, `heard` what takes what the others say."""

    def __init__(self, browser: FakeBrowser | None = None) -> None:
        self.browser = browser or FakeBrowser()
        self.browser.tabs.append(self)
        self.told: list[str] = []
        self.heard: Callable[[str], None] = lambda _message: None
        self.closed = False
        self.on_owned: Callable[[], None] = lambda: None
        self.on_lost: Callable[[], None] = lambda: None

    def tell(self, message: str) -> None:
        """Tell the others at once, and remember."""
        if self.closed:
            return
        self.told.append(message)
        for other in self.browser.tabs:
            if other is not self and not other.closed:
                other.heard(message)

    async def claim(self, account: str, on_owned: Callable[[], None], on_lost: Callable[[], None]) -> bool:
        """Stand in line for the account."""
        self.release()
        await asyncio.sleep(0)
        self.on_owned, self.on_lost = on_owned, on_lost
        line = self.browser.lines[account]
        line.append(self)
        return line[0] is self

    async def alone(self, account: str) -> bool:
        """Whether nobody else stands in line."""
        return all(each is self for each in self.browser.lines[account])

    def take(self) -> None:
        """Go to the head of the line."""
        for line in self.browser.lines.values():
            if self in line and line[0] is not self:
                line.remove(self)
                line.insert(0, self)
                line[1].on_lost()
                self.on_owned()

    def release(self) -> None:
        """Leave the line; the next one owns when this tab was its first."""
        self.on_owned = self.on_lost = lambda: None
        for line in self.browser.lines.values():
            if self in line:
                was_first = line[0] is self
                line.remove(self)
                if was_first and line:
                    line[0].on_owned()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One sign-in after the other."""
        async with self.browser.sign_in:
            yield

    def close(self) -> None:
        """The tab is closed, or has crashed."""
        self.release()
        self.closed = True
