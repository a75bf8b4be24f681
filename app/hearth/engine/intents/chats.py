"""What the person does to see chats, messages and settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A chat was chosen; with `message`, written at `at` (ms since 1970), it opens there."""

    chat_id: str
    message: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class CloseChat:
    """Back to the list (narrow screens)."""


@dataclass(frozen=True, slots=True)
class FetchAgain:
    """A chat that is not as it was written is to be fetched again."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class PrintChat:
    """The open chat is to be printed as a whole: all of its messages are wanted first."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class ShowOlder:
    """The top of the messages came near: older ones are wanted."""


@dataclass(frozen=True, slots=True)
class ShowNewer:
    """The bottom of messages that are not the latest came near: newer ones are wanted."""


@dataclass(frozen=True, slots=True)
class ListOlderChats:
    """The end of the chat list: older chats are to be listed."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """The region "Settings and memories" was opened, at a place of it, or closed."""

    open: bool
    place: str = ""


@dataclass(frozen=True, slots=True)
class Choose:
    """A choice of one of Hearth's own settings was made."""

    setting: str
    choice: str


@dataclass(frozen=True, slots=True)
class Hide:
    """An app, or an entry of one, is to be left out of search, or not any longer."""

    item: str
    hidden: bool
