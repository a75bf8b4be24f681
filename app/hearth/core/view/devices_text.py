"""The account's devices as the settings list them: what each calls itself, and what is known of it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from hearth.core.account.devices import AccountDevice
from hearth.core.text.characters import one_line
from hearth.core.text.formatting import clock, day_label, local
from hearth.core.view.account import DeviceItem

UNNAMED = "A device without a name"
RECENT_MS = 75 * 60 * 1000
"""When a device was here last is written down once an hour: nearer than that nothing is known."""

WAITS = "Signed out. It deletes what it stored as soon as it is online; it has not reported that yet."
SIGNING_OUT = "Signing out…"


def device_items(
    devices: Sequence[AccountDevice], names: Mapping[str, str], ending: frozenset[str], server_ms: int, now: datetime
) -> tuple[DeviceItem, ...]:
    """The lines of the list. `names` has the opened names, `server_ms` is the server's clock when it answered."""
    shift = round(now.timestamp() * 1000) - server_ms
    return tuple(
        DeviceItem(
            id=each.id,
            name=one_line(names.get(each.id, "")) or UNNAMED,
            about=SIGNING_OUT if each.id in ending else _about(each, shift, now),
            current=each.current,
            can_end=not each.current and each.ended_at is None and each.id not in ending,
        )
        for each in devices
    )


def _about(device: AccountDevice, shift: int, now: datetime) -> str:
    def moment(ms: int) -> str:
        when = local(ms + shift, now.tzinfo)
        day = day_label(when.date(), now.date())
        return f"{day.lower() if day in ('Today', 'Yesterday') else day}, {clock(when)}"

    if device.wiped_at is not None and device.ended_at is not None:
        return f"Signed out. It reported that it has deleted what it stored: {moment(device.wiped_at)}."
    if device.ended_at is not None:
        return WAITS
    parts = [f"Signed in since {moment(device.begun_at)}."] if device.begun_at is not None else []
    if device.current:
        return " ".join(["This device.", *parts])
    if device.online:
        return " ".join(["Online now.", *parts])
    if device.seen_at is not None:
        recent = round(now.timestamp() * 1000) - shift - device.seen_at < RECENT_MS
        parts.append("Last seen within the last hour." if recent else f"Last seen {moment(device.seen_at)}.")
    return " ".join(parts)
