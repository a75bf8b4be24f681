"""The time of what is written: the device's clock, corrected by the server's."""

from __future__ import annotations

from hearth.core.sync.server_clock import ServerClock
from hearth.ports.device import Device


class WritingClock:
    """Milliseconds since 1970; of what is written none is at the same moment as, or before, anything earlier."""

    def __init__(self, device: Device, server_clock: ServerClock) -> None:
        self._device = device
        self._server_clock = server_clock
        self._last = 0

    def now_ms(self) -> int:
        """The time now."""
        return int(self._device.now().timestamp() * 1000) + (self._server_clock.ahead_ms or 0)

    def next_ms(self, after: int = 0) -> int:
        """The time of something that is written now: later than everything before, and than `after`."""
        self._last = max(self.now_ms(), self._last + 1, after + 1)
        return self._last

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""
        return self._device.monotonic()
