"""The other tabs of this browser behind the port `Tabs`: a BroadcastChannel, and Web Locks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import js
from pyodide.ffi import JsException

from hearth.browser import storage_names
from hearth.browser.ffi import Proxies
from hearth.browser.tabs.claims import Claim, turn
from hearth.browser.web_locks import browser_locks


class BrowserTabs:
    """The channel to the other tabs, from the start to `close`, and at most one account that is claimed."""

    def __init__(self, on_message: Callable[[str], None]) -> None:
        self._listening = Proxies()
        self._channel = js.BroadcastChannel.new(storage_names.TABS_CHANNEL)
        self._listening.listen(self._channel, "message", lambda event: on_message(str(event.data)))
        self._locks = browser_locks()
        self._claim: Claim | None = None

    def tell(self, message: str) -> None:
        """Tell the other tabs."""
        try:
            self._channel.postMessage(message)
        except JsException:
            return  # The channel is closed: this page is on its way out.

    async def claim(self, account: str, on_owned: Callable[[], None], on_lost: Callable[[], None]) -> bool:
        """Ask for an account: True when this tab owns it; else `on_owned` is called when it does."""
        self.release()
        if self._locks is None:
            return True
        self._claim = Claim(self._locks, account, on_owned, on_lost)
        return await self._claim.ask()

    async def alone(self, account: str) -> bool:
        """Whether no other tab has claimed the account; yes, where tabs do not know of each other."""
        return self._locks is None or await self._locks.requests(storage_names.LEADER_LOCK + account) <= 1

    def take(self) -> None:
        """Take the account from the tab that owns it and hangs."""
        if self._claim is not None:
            self._claim.take()

    def release(self) -> None:
        """Give up the account, or the place in the line for it."""
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def turn(self) -> AbstractAsyncContextManager[None]:
        """The turn to sign in: one tab after the other."""
        return turn(self._locks)

    def close(self) -> None:
        """Say and hear nothing more."""
        self.release()
        self._listening.destroy()
        self._channel.close()
