"""User Timing marks that are set once in a session."""

from __future__ import annotations

from hearth.ports.device import Device


class Marks:
    """Sets each mark the first time that it is reached."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._reached: set[str] = set()

    def reached(self, name: str) -> None:
        """Set the mark `hearth:` + name, unless it was set in this session."""
        if name not in self._reached:
            self._reached.add(name)
            self._device.mark(name)
