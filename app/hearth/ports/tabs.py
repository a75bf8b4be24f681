"""The port for the other tabs of this browser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Tabs(Protocol):
    """The other tabs of this browser: a channel to all of them, and who of them owns an account."""

    def tell(self, message: str) -> None:
        """Tell the other tabs; see `hearth.core.tabs.messages`."""

    async def claim(self, account: str, on_owned: Callable[[], None], on_lost: Callable[[], None]) -> bool:
        """Ask for an account: True when this tab owns it; else `on_owned` is called when it does.

        `on_lost` is called when another tab has taken it; this one stands in line again then. Where tabs cannot
        agree (no Web Locks), every tab owns. A claim made before is given up.
        """

    async def alone(self, account: str) -> bool:
        """Whether no other tab has claimed the account; yes, where tabs do not know of each other."""

    def take(self) -> None:
        """Take the account that was claimed from the tab that owns it, because that one hangs."""

    def release(self) -> None:
        """Give up the account, or the place in the line for it; nothing happens without one."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """The turn to sign in: one tab after the other."""

    def close(self) -> None:
        """Give up everything, and say and hear nothing more: the page is being put away."""
