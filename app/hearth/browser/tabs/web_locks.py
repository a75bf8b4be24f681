"""The other tabs of this browser behind the port `Tabs`: a BroadcastChannel, and Web Locks through `web_locks.js`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import js
from pyodide.ffi import JsException

from hearth.browser import storage_names
from hearth.browser.ffi import Proxies

if TYPE_CHECKING:
    from js_kernels import Claim

TURN_MS = 5_000
"""How long a sign-in waits for one in another tab."""


class BrowserTabs:
    """The channel to the other tabs, from the start to `close`, and at most one account that is claimed."""

    def __init__(self, on_message: Callable[[str], None]) -> None:
        self._listening = Proxies()
        self._channel = js.BroadcastChannel.new(storage_names.TABS_CHANNEL)
        self._listening.listen(self._channel, "message", lambda event: on_message(str(event.data)))
        self._claim: Claim | None = None
        self._waiting = Proxies()

    def tell(self, message: str) -> None:
        """Tell the other tabs."""
        try:
            self._channel.postMessage(message)
        except JsException:
            return  # The channel is closed: this page is on its way out.

    async def claim(self, account: str, on_owned: Callable[[], None], on_lost: Callable[[], None]) -> bool:
        """Ask for an account: True when this tab owns it; else `on_owned` is called when it does."""
        self.release()
        make = self._waiting.make
        claim = self._claim = js.hearth.locks.claimAccount(account, make(on_owned), make(on_lost))
        return await claim.answer

    async def alone(self, account: str) -> bool:
        """Whether no other tab has claimed the account; yes, where tabs do not know of each other."""
        return int(await js.hearth.locks.countClaims(account)) <= 1

    def take(self) -> None:
        """Take the account from the tab that owns it and hangs."""
        if self._claim is not None:
            self._claim.take()

    def release(self) -> None:
        """Give up the account, or the place in the line for it."""
        if self._claim is not None:
            self._claim.release()
            self._claim = None
        self._waiting.destroy()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The turn to sign in: one tab after the other."""
        end = await js.hearth.locks.takeTurn(TURN_MS)
        try:
            yield
        finally:
            end()

    def close(self) -> None:
        """Say and hear nothing more."""
        self.release()
        self._listening.destroy()
        self._channel.close()
