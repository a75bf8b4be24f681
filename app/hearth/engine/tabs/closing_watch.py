"""Whether closing this tab would lose what is not sent: asked for only while there is something to lose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hearth.ports.device import Device

LOOK_S = 2.0
"""How often is looked whether other tabs of the account are open: they may close without a word."""


class ClosingWatch:
    """The watch of one session; `show` hears whether closing the tab would lose something, each time that changes.

    What is stored is wiped when Hearth is opened without a key and no live tab uses it. The key stays with "Stay signed
    in", and with another tab. A session `in_memory` loses everything with its tab.
    """

    def __init__(self, device: Device, account: str, in_memory: bool, show: Callable[[bool], None]) -> None:
        self._device = device
        self._account = account
        self._in_memory = in_memory
        self._show = show
        self._shown = False
        self._task: asyncio.Task[None] | None = None

    def unsent(self, count: int) -> None:
        """So many changes are not sent."""
        if not count:
            self.stop()
        elif self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look_on())

    def stop(self) -> None:
        """There is nothing to lose any longer."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._tell(False)

    async def _look_on(self) -> None:
        while True:
            self._tell(await self._loses())
            await asyncio.sleep(LOOK_S)

    async def _loses(self) -> bool:
        if self._in_memory:
            return True
        return not self._device.key_store.stays(self._account) and await self._device.tabs.alone(self._account)

    def _tell(self, loses: bool) -> None:
        if loses != self._shown:
            self._shown = loses
            self._show(loses)
