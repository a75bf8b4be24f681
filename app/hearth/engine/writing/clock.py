"""The time of what is written: the device's clock, corrected by what the server's answers say."""

from __future__ import annotations

from hearth.ports.device import Device

MAX_PLAUSIBLE_MS = 2**52


class WritingClock:
    """Milliseconds since 1970 that never go back.

    A device's clock may be days off; the stamp that the server gives to a write says by how much, as far as the write
    took no time.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._offset = 0
        self._last = 0

    def learn(self, server_ms: int) -> None:
        """Take over the server's time of this moment."""
        if 0 < server_ms < MAX_PLAUSIBLE_MS:
            self._offset = server_ms - self._device_ms()

    def now_ms(self) -> int:
        """The time now."""
        return self._device_ms() + self._offset

    def next_ms(self, after: int = 0) -> int:
        """The time of something that is written now: later than everything before, and than `after`."""
        self._last = max(self.now_ms(), self._last + 1, after + 1)
        return self._last

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""
        return self._device.monotonic()

    def _device_ms(self) -> int:
        return int(self._device.now().timestamp() * 1000)
