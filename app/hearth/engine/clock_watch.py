"""Watches the device's clock: midnight, another time zone, a clock that was set, a device that has slept."""

from __future__ import annotations

import asyncio

from hearth.engine.queue_items import ClockChanged, Post
from hearth.ports.device import Device

LOOK_S = 10.0
"""How often the clock is looked at: a timer until midnight would come late on a device that sleeps meanwhile."""

JUMP_S = 60.0
"""A clock that is further from where it would have gone by itself has been set, or the device has slept."""


class ClockWatch:
    """Posts `ClockChanged`, between `start` and `stop`."""

    def __init__(self, device: Device, post: Post, look_s: float = LOOK_S) -> None:
        self._device = device
        self._post = post
        self._look_s = look_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch from now on."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    def stop(self) -> None:
        """Watch no longer."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        shown, ahead = self._look()
        while True:
            await asyncio.sleep(self._look_s)
            before, ahead_before = shown, ahead
            shown, ahead = self._look()
            if shown != before or abs(ahead - ahead_before) > JUMP_S:
                self._post(ClockChanged())

    def _look(self) -> tuple[object, float]:
        """The day and the zone, and how far the clock is ahead of the one that is never set."""
        now = self._device.now()
        return (now.date(), now.tzinfo), now.timestamp() - self._device.monotonic()
