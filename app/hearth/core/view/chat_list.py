"""The chat list as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ChatItem:
    """One line of the chat list."""

    id: str
    title: str
    when: str
    draft: str
    unreadable: bool
    pinned: bool = False
    unread: int = 0
    """How many messages came from elsewhere since the chat was opened here."""
    flag: str = ""
    """A few words when the chat is not as it was written; see `hearth.core.view.integrity_text`."""


@dataclass(frozen=True, slots=True)
class ChatGroup:
    """The chats of one span of days, newest first."""

    label: str
    items: tuple[ChatItem, ...]


@dataclass(frozen=True, slots=True)
class OlderChatsView:
    """The end of the chat list: how many chats are here, and whether more can be listed."""

    sentence: str = ""
    about: str = ""
    """What becomes of chats that are listed and not here."""
    can_list: bool = False
    listing: bool = False
    """Whether more were asked for, and have not come."""


class ListState(StrEnum):
    """What an empty chat list means."""

    LOADING = "loading"
    """Chats may come at any moment."""
    UNSYNCED = "unsynced"
    """Nothing is known of the account's chats: no sync was ever complete here, and none is under way."""
    EMPTY = "empty"
    """The account has no chats."""
