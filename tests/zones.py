"""Time zones as a browser tells them: one offset for each moment."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hearth.core.text.zone import Zone


def zone_of(name: str) -> Zone:
    """A zone of the zone database."""
    real = ZoneInfo(name)

    def offset_at(moment: int) -> int:
        offset = datetime.fromtimestamp(moment, real).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    return Zone(offset_at)
