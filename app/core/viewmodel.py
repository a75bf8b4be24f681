"""What the page shows, as frozen values: the session makes a `Screen`, the page draws what changed in it.

Everything here is derived: the same chats, messages and moment give the same screen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from app.core.links import is_safe_address
from app.core.manifest import is_manifest
from app.core.markdown import Node, render
from app.core.preferences import Preferences, defaults
from app.core.search.results import SearchView

UNTITLED = "Untitled chat"
UNREADABLE_TITLE = "Unreadable chat"

FAULTS = {
    "format": "it is not in a form that this version of Hearth can read.",
    "wrong-key": "it was encrypted with another key than this chat's.",
    "damaged": "it was changed or damaged on its way.",
    "no-key": "its key is not on this device.",
}
"""Why an item does not open, by the reason of its `SealError`: the end of «This … cannot be read: ». """


class Phase(StrEnum):
    """Which of the page's faces is shown."""

    STARTING = "starting"
    SIGNED_OUT = "signed-out"
    SIGNING_IN = "signing-in"
    SIGNED_IN = "signed-in"
    SIGNING_OUT = "signing-out"


class Tone(StrEnum):
    """How the status line is coloured."""

    QUIET = "quiet"
    WORKING = "working"
    OFFLINE = "offline"
    WARNING = "warning"


class ChatState(StrEnum):
    """What the open chat's pane shows."""

    LOADING = "loading"
    READY = "ready"
    EMPTY = "empty"
    """The chat has no messages."""
    GONE = "gone"
    """The chat was deleted, or is not on this device."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as the list knows it; times in milliseconds since 1970, UTC."""

    id: str
    title: str
    last_updated: int
    version: int
    draft: str = ""
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class ChatItem:
    """One line of the chat list."""

    id: str
    title: str
    when: str
    draft: str
    unreadable: bool
    flag: str = ""
    """A few words when the chat is not as it was written; see `app.core.findings`."""


@dataclass(frozen=True, slots=True)
class ChatGroup:
    """The chats of one span of days, newest first."""

    label: str
    items: tuple[ChatItem, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message, shown as a chip."""

    name: str
    type: str
    size: str


@dataclass(frozen=True, slots=True)
class Embed:
    """An embedded preview, shown as a card; `url` is an http(s) address or empty."""

    url: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the open chat; `fault` says why it cannot be read, and then there is no body."""

    id: str
    role: str
    created_at: int
    when: str
    day: str
    body: tuple[Node, ...] = ()
    files: tuple[File, ...] = ()
    embeds: tuple[Embed, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class OpenChat:
    """The chat on screen: its newest messages, oldest first; `has_older` when more lie before them."""

    id: str
    title: str
    state: ChatState
    messages: tuple[Message, ...] = ()
    has_older: bool = False
    draft: str = ""
    has_newer: bool = False
    """Whether messages lie after the last one here: the chat was opened at an older message."""
    marked: str = ""
    """The message at which the chat was opened."""
    jump: int = 0
    """Grows each time that a chat is opened at a message."""
    warning: str = ""
    """What is wrong with it, when it is not as it was written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting or memory; `value` is text fit to be shown."""

    id: str
    kind: str
    name: str
    value: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class AppEntries:
    """An app's settings and memories."""

    id: str
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The status line; `progress` is (done, total) chats while warming, total 0 while it is not known."""

    sentence: str = ""
    tone: Tone = Tone.QUIET
    progress: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything on the page. Parts that did not change are the same objects as before."""

    phase: Phase = Phase.STARTING
    notice: str = ""
    """A sentence for the person at sign-in: what went wrong, or why they were signed out."""
    email: str = ""
    groups: tuple[ChatGroup, ...] = ()
    chat: OpenChat | None = None
    status: Status = field(default_factory=Status)
    settings: tuple[AppEntries, ...] = ()
    settings_ready: bool = False
    settings_open: bool = False
    settings_place: str = ""
    """The setting, app or entry at which the settings were opened."""
    preferences: Preferences = field(default_factory=defaults)
    search: SearchView = field(default_factory=SearchView)


def chat_from(opened: Mapping[str, Any]) -> Chat:
    """The list's chat of a record that the keyring opened."""
    clear, texts, faults = opened["clear"], opened["texts"], opened["faults"]
    bad = "title" in faults
    return Chat(
        id=clear["id"],
        title=UNREADABLE_TITLE if bad else one_line(texts["title"] or "") or UNTITLED,
        last_updated=clear["last_updated"],
        version=clear["version"],
        draft=one_line(texts.get("draft") or ""),
        unreadable=bad,
    )


def message_from(opened: Mapping[str, Any], now: datetime) -> Message:
    """The view of a message that the keyring opened; one unreadable field never hides the others."""
    clear, texts, faults = opened["clear"], opened["texts"], opened["faults"]
    when = local(clear["created_at"], now.tzinfo)
    content = texts.get("content") or ""
    files, files_bad = _list_of(texts.get("files"))
    embeds, embeds_bad = _list_of(texts.get("embeds"))
    reason = next(iter(faults.values()), "")
    fault = f"This message cannot be read: {FAULTS.get(reason, FAULTS['damaged'])}" if reason else ""
    if not fault and (files_bad or embeds_bad):
        fault = f"A part of this message cannot be read: {FAULTS['format']}"
    return Message(
        id=clear["id"],
        role=clear["role"],
        created_at=clear["created_at"],
        when=clock(when),
        day=day_label(when.date(), now.date()),
        body=() if "content" in faults else render(content),
        files=tuple(_file(each) for each in files),
        embeds=tuple(_embed(each) for each in embeds),
        fault=fault,
    )


def group_chats(
    chats: Iterable[Chat], now: datetime, flag_of: Callable[[str], str] = lambda _chat: ""
) -> tuple[ChatGroup, ...]:
    """Group chats by the span of days of their last update, newest first (ties by id, so that order is fixed).

    `flag_of` gives the words that mark a chat of an id, or none.
    """
    groups: dict[str, list[ChatItem]] = {}
    for chat in sorted(chats, key=lambda chat: (-chat.last_updated, chat.id)):
        when = local(chat.last_updated, now.tzinfo)
        item = ChatItem(chat.id, chat.title, short_time(when, now), chat.draft, chat.unreadable, flag_of(chat.id))
        groups.setdefault(span_label(when.date(), now.date()), []).append(item)
    return tuple(ChatGroup(label, tuple(items)) for label, items in groups.items())


def group_entries(opened: Sequence[Mapping[str, Any]]) -> tuple[AppEntries, ...]:
    """Group settings and memories by app, apps and entries by name; an app's own record names it."""
    names: dict[str, str] = {}
    entries: dict[str, list[Entry]] = {}
    for each in opened:
        clear, fault = each["clear"], each["faults"]
        app, entry_id = clear["app_id"], clear["id"]
        if is_manifest(each["texts"].get("sealed")):
            continue
        listed = entries.setdefault(app, [])
        body, bad = _object_of(each["texts"].get("sealed"))
        if entry_id == app:
            names[app] = one_line(str(body.get("name") or "")) or "Unnamed app"
            continue
        reason = next(iter(fault.values()), "format" if bad else "")
        why = f"This entry cannot be read: {FAULTS.get(reason, FAULTS['damaged'])}" if reason else ""
        kind = "memory" if body.get("kind") == "memory" else "setting"
        listed.append(Entry(entry_id, kind, one_line(str(body.get("name") or "")), value_text(body.get("value")), why))
    return tuple(
        AppEntries(app, names.get(app, "Unknown app"), tuple(sorted(listed, key=_entry_order)))
        for app, listed in sorted(entries.items(), key=lambda item: (names.get(item[0], "~").lower(), item[0]))
    )


def _entry_order(entry: Entry) -> tuple[bool, str, str]:
    return (entry.kind == "memory", entry.name.lower(), entry.id)


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


def one_line(text: str, limit: int = 200) -> str:
    """Text fit for one line: white space folded, control and direction-override characters out, cut at a limit.

    The direction overrides (Unicode Bidi_Control) could make a title read as something else: CVE-2021-42574.
    """
    head = text[: 8 * limit]
    kept = "".join(" " if each.isspace() else each for each in head if each.isspace() or _is_shown(each))
    folded = " ".join(kept.split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_JOINERS = frozenset("\u200c\u200d")
"""Without them Persian words and joined emoji fall apart."""


def _is_shown(character: str) -> bool:
    return character not in _BIDI_CONTROLS and (character.isprintable() or character in _JOINERS)


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


def _file(value: dict[str, Any]) -> File:
    name = one_line(str(value.get("name") or ""), 120) or "Unnamed file"
    return File(name, one_line(str(value.get("type") or ""), 60), size_text(value.get("size")))


def _embed(value: dict[str, Any]) -> Embed:
    url = str(value.get("url") or "")
    safe = url if is_safe_address(url) and url[:4].lower() == "http" else ""
    return Embed(
        safe, one_line(str(value.get("title") or url), 200), one_line(str(value.get("description") or ""), 400)
    )


def _list_of(text: str | None) -> tuple[list[dict[str, Any]], bool]:
    """A JSON array's objects, and whether something in it was not one."""
    if not text:
        return [], False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return [], True
    if not isinstance(value, list):
        return [], True
    objects = [each for each in value if isinstance(each, dict)]
    return objects, len(objects) != len(value)


def _object_of(text: str | None) -> tuple[dict[str, Any], bool]:
    try:
        value = json.loads(text or "null")
    except (ValueError, RecursionError):
        return {}, True
    return (value, False) if isinstance(value, dict) else ({}, text is not None)
