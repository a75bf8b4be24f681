"""Moments in an export: exact and in UTC for programs, in the person's own zone for people."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from hearth.core.text.formatting import local


def exact(ms: int) -> str:
    """A moment in ms since 1970 as RFC 3339 text in UTC, to the millisecond."""
    return local(ms, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def readable(ms: int, zone: tzinfo | None) -> str:
    """A moment as a person reads it, with the offset that the zone had then."""
    return local(ms, zone).strftime("%Y-%m-%d %H:%M %z")


def parse(text: object) -> int | None:
    """The ms since 1970 of RFC 3339 text, of whatever zone (UTC where it names none); None for what is no such text."""
    if not isinstance(text, str) or not 10 <= len(text) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        elapsed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return elapsed.days * 86_400_000 + elapsed.seconds * 1_000 + elapsed.microseconds // 1_000
