"""What opened records say, ready to be listed, shown and searched: a chat, and the settings and memories of an app."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as the list knows it; times in milliseconds since 1970, UTC."""

    id: str
    title: str
    last_updated: int
    version: int
    draft: str = ""
    """What was typed and not sent, as it was typed; of a chat that an older device wrote the draft in."""
    pinned: bool = False
    unreadable: bool = False


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
