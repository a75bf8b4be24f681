"""Values in words: moments, spans of days, sizes, settings' values, and text made fit for one line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

MAX_VALUE_DEPTH = 8


def value_text(value: object, depth: int = 0) -> str:
    """A setting's value as a person reads it: on and off, lists with commas, objects as `name: value`."""
    if depth > MAX_VALUE_DEPTH:
        return "…"
    match value:
        case None:
            return "not set"
        case bool():
            return "on" if value else "off"
        case str():
            return value
        case list():
            return ", ".join(value_text(each, depth + 1) for each in value)
        case dict():
            return "; ".join(f"{name}: {value_text(each, depth + 1)}" for name, each in value.items())
        case _:
            return str(value)


def local(ms: int, zone: tzinfo | None) -> datetime:
    """A moment in milliseconds since 1970 as local time; beyond what a calendar holds, the first of all days."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).astimezone(zone)
    except (OverflowError, ValueError):
        return datetime(1970, 1, 1, tzinfo=zone or UTC)


def clock(when: datetime) -> str:
    """Hours and minutes."""
    return f"{when.hour:02}:{when.minute:02}"


def span_label(day: date, today: date) -> str:
    """The heading under which the chat list puts a day."""
    age = (today - day).days
    if age <= 0:
        return "Today"
    if age == 1:
        return "Yesterday"
    if age < 7:
        return "Previous 7 days"
    if age < 30:
        return "Previous 30 days"
    return _MONTHS[day.month - 1] if day.year == today.year else f"{_MONTHS[day.month - 1]} {day.year}"


def day_label(day: date, today: date) -> str:
    """The heading between the messages of two days."""
    age = (today - day).days
    if age <= 0:
        return "Today"
    if age == 1:
        return "Yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]}{year}"


def short_time(when: datetime, now: datetime) -> str:
    """The time at the end of a line of the chat list: the hour, the weekday, or the date (its heading has the year)."""
    age = (now.date() - when.date()).days
    if age <= 0:
        return clock(when)
    if age < 7:
        return _DAYS[when.weekday()][:3]
    return f"{when.day} {_MONTHS[when.month - 1][:3]}"


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


_UNITS = ("kB", "MB", "GB", "TB")
_MOST_BYTES = 10**15


def size_text(size: object) -> str:
    """A file's size in bytes as a person reads it (units of 1,000, as file managers count)."""
    if not isinstance(size, int | float) or isinstance(size, bool) or not 0 <= size < _MOST_BYTES:
        return ""
    if size < 1000:
        return f"{int(size)} B"
    amount, unit = size / 1000, 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if amount < 9.95 else f"{amount:.0f} {_UNITS[unit]}"
