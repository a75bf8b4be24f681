"""What the person writes, changes and deletes, and what they want of the assistant."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NewChat:
    """An empty chat is wanted, to write in; it exists from its first message or draft on.

    Without a title of its own it is called by its first message.
    """

    title: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SendMessage:
    """A message was sent in a chat."""

    chat_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TypeDraft:
    """What stands in the message box of a chat now."""

    chat_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeDraft:
    """The draft that another device wrote, which is offered beside the box, is to be put into it, or is not wanted."""

    chat_id: str
    take: bool


@dataclass(frozen=True, slots=True)
class EditMessage:
    """A message of one's own was written anew."""

    chat_id: str
    message_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """A message of one's own is to be deleted."""

    chat_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class RenameChat:
    """A chat was given another title."""

    chat_id: str
    title: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PinChat:
    """A chat is to stand on top of the list, or not any longer."""

    chat_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class DeleteChat:
    """A chat is to be deleted, unless that is undone in time."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class UndoDelete:
    """The chat that was just deleted is to stay."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """What was not sent is to be sent after all; `mutation` is its id."""

    mutation: str


@dataclass(frozen=True, slots=True)
class Discard:
    """What was not sent is not wanted any longer."""

    mutation: str


@dataclass(frozen=True, slots=True)
class AskAssistant:
    """The assistant is to answer the last message of a chat."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """The answer that is coming in a chat has come far enough."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """Asked whether text may leave the encryption for the assistant, the person agrees, or wants a notebook."""

    chat_id: str
    agree: bool


AssistantIntent = AskAssistant | StopAnswer | AnswerConsent
"""What the person wants of the assistant."""

RecordIntent = SendMessage | EditMessage | DeleteMessage | RenameChat | PinChat | DeleteChat
"""What changes the records of chats and messages."""

WritingIntent = NewChat | TypeDraft | TakeDraft | UndoDelete | TryAgain | Discard | RecordIntent
"""What the person writes."""
