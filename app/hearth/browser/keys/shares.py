"""Shares of the kept key: 32 random bytes under which an entry lies sealed, apart from it.

Browsers keep session and local storage in logs that a removal does not empty. A share lies in a file of its own, the
body of an answer in Cache Storage, which is unlinked when it is deleted: what a removed entry leaves in a log opens
with nothing then. Where Cache Storage keeps nothing it lies in a database: see `share_places.py`. A share that a page
uses is held by a Web Lock as long as the page lives, so that a page that starts without a key leaves it to the other
one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Set
from contextlib import suppress
from typing import TypeVar

from hearth.browser.keys.ports import Sealing, Share, ShareKernel, SharePlace

T = TypeVar("T")
TURN_S = 0.1
WRITE_S = 1.0
"""A sign-in waits no longer for the file, of which it needs nothing."""
TRIAL_S = 0.5
AGAIN_S = (1.0, 4.0, 15.0, 60.0)
"""A trial that something has disturbed is repeated: nothing uses all caches for as long as this."""


async def within(most_s: float, work: Awaitable[T]) -> T | None:
    """What comes of some work; None where it failed or took too long: a share is missing rather than in the way.

    Time counts in which the page could have heard the answer: a start keeps it busy for seconds on a slow device.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    for _ in range(round(most_s / TURN_S)):
        done, _pending = await asyncio.wait({task}, timeout=TURN_S)
        if done:
            break
    return task.result() if task.done() and not task.cancelled() and task.exception() is None else None


class Shares:
    """The shares of this page, and those that lie on the device."""

    def __init__(
        self,
        kernel: ShareKernel,
        sealing: Sealing,
        places: tuple[SharePlace, SharePlace],
        is_lost: Callable[[str], Awaitable[bool]],
        new_id: Callable[[], str],
    ) -> None:
        """`places`: where a share lies, and where it is copied to when `is_lost` says that the first one loses it."""
        self._kernel, self._sealing, self._is_lost, self._new_id = kernel, sealing, is_lost, new_id
        self._first, self._second = places
        self._prepared: tuple[str, asyncio.Future[Share]] | None = None
        self._copying: asyncio.Future[None] | None = None
        self._trials: set[asyncio.Task[None]] = set()

    def prepare(self) -> asyncio.Future[Share]:
        """Begin to make a share and to write it: the password still has to be derived and proved meanwhile."""
        if self._prepared is None:
            share = self._new_id()
            self._kernel.hold(share)
            written = asyncio.ensure_future(self._write(share))
            written.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._prepared = share, written
        return self._prepared[1]

    async def take(self) -> Share | None:
        """The share that was prepared, once it lies there; None when it does not come to."""
        share = await within(WRITE_S, self.prepare())
        self._prepared = None
        return share

    async def forget(self, spared: Set[str], in_use: bool) -> int:
        """Delete every share but `spared` and, unless `in_use`, those that other pages use; how many stayed."""
        self._prepared = None
        await self._kernel.release(self._kernel.held() - spared)
        if self._copying is not None:
            await asyncio.wait({self._copying})
        others = set() if in_use else await self._kernel.used()

        def stays(share: str) -> bool:
            coming = self._prepared is not None and self._prepared[0] == share  # of a sign-in that has begun since
            return share in spared or share in others or coming

        more = bool(others) or self._prepared is not None
        left = await asyncio.gather(*(place.clear(stays, more) for place in (self._first, self._second)))
        return sum(not stays(share) for each in left for share in each)

    async def _write(self, share: str) -> Share:
        raw = self._sealing.random_share()
        await self._first.put(share, raw)
        if not await within(TRIAL_S, self._copy_where_lost(share)):
            trial = asyncio.ensure_future(self._try_again(share))
            self._trials.add(trial)
            trial.add_done_callback(self._trials.discard)
        return Share(share, await self._sealing.import_share(raw))

    async def _copy_where_lost(self, share: str) -> bool:
        """Copy a share to the second place if the first is seen to lose what is in it; whether that was seen."""
        if not await self._is_lost(share):
            return False
        self._copying = asyncio.ensure_future(self._copy(share))
        await self._copying
        return True

    async def _copy(self, share: str) -> None:
        raw = await self._first.get(share) if share in self._kernel.held() else None
        if raw is not None:  # else it was forgotten meanwhile
            await self._second.put(share, raw)

    async def _try_again(self, share: str) -> None:
        for pause_s in AGAIN_S:
            await asyncio.sleep(pause_s)
            with suppress(Exception):
                if share not in self._kernel.held() or await self._copy_where_lost(share):
                    return
