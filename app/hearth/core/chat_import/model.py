"""What is read from a file of chats, whoever made it, and what of it is left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Source(StrEnum):
    """Who made a file. The names are part of the ids that an import makes: they never change."""

    HEARTH = "hearth"
    CHATGPT = "chatgpt"
    CLAUDE = "claude"


class LeftOut(StrEnum):
    """Why something of a file is not imported."""

    OTHER_VERSION = "other-version"
    """A message of another branch: edited away, or an answer that another one took the place of."""
    HIDDEN = "hidden"
    """A message that the service does not show: instructions, context, drafts of an answer."""
    REASONING = "reasoning"
    MEDIA = "media"
    """An image or a recording; the place of each is marked."""
    UNKNOWN = "unknown"
    """A message in a form that Hearth does not know."""
    UNREADABLE = "unreadable"
    """A message that could not be read when it was exported."""
    TOO_LONG = "too-long"
    """A message that is longer than the server takes."""
    EMPTY_CHAT = "empty-chat"
    """A chat without messages."""
    NO_CHAT = "no-chat"
    """Something among the chats that is none."""


@dataclass(slots=True)
class ImportedMessage:
    """One message; `at` is when it was written, in ms since 1970, if that is known."""

    id: str
    role: str
    at: int | None
    text: str
    files: list[dict[str, Any]] = field(default_factory=list)
    embeds: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not (self.text.strip() or self.files or self.embeds)


@dataclass(slots=True)
class ImportedChat:
    """One chat; times are in ms since 1970, if they are known."""

    source: Source
    id: str
    title: str
    created_at: int | None
    last_updated: int | None
    messages: list[ImportedMessage] = field(default_factory=list)
    pinned: bool = False
    draft: str = ""
    left_out: Counter[LeftOut] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class TimedMessage:
    """A message with a time that is its own within its chat."""

    message: ImportedMessage
    at: int


FIRST_MS = 1
"""No message is older: 0 is a draft's."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(value: object) -> str:
    """A text as it can be stored: half a surrogate pair is no character. What is no text is none."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else ""


def seconds(value: object) -> int | None:
    """Seconds since 1970, with fractions, in ms; None for what is no moment."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        return None
    return round(value * 1000)


def in_order(chat: ImportedChat, now: int) -> list[TimedMessage]:
    """The messages in the order of the file, each later than the one before it.

    A message whose time is not known, or is not later, gets the next millisecond.
    """
    at = (chat.created_at if chat.created_at is not None else chat.last_updated) or now
    at = max(FIRST_MS, at) - 1
    for before, each in enumerate(chat.messages):
        if each.at is not None:
            at = min(at, each.at - 1 - before)
            break
    timed = []
    for each in chat.messages:
        at = max(FIRST_MS, at + 1, each.at or 0)
        timed.append(TimedMessage(each, at))
    return timed


def span(chat: ImportedChat, timed: list[TimedMessage], now: int) -> tuple[int, int]:
    """When a chat was begun, and when it was last updated: never before its last message."""
    first = timed[0].at if timed else now
    last = timed[-1].at if timed else now
    created = min(first, chat.created_at or first)
    return max(FIRST_MS, created), max(last, chat.last_updated or last)


def mapping(value: object) -> Mapping[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def objects(value: object) -> list[Mapping[str, Any]]:
    """The objects of a JSON array; whatever else is there is passed over."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def fenced(text: str, language: str = "") -> str:
    """Text as a block of code, behind a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    word = re.sub(r"[^A-Za-z0-9+#._-]", "", language)[:30]
    return f"{fence}{word}\n{text.rstrip()}\n{fence}"


def link(title: str, url: str) -> str:
    """A link in Markdown, or the title alone where the address is none that may be opened."""
    words = re.sub(r"[\[\]\\\s]+", " ", title).strip() or url
    if not re.fullmatch(r"https?://[^\s()<>]+", url):
        return words
    return f"[{words}]({url})"
