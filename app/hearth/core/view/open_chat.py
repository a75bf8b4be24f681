"""The open chat as the page shows it: its messages, the assistant's answer, and what the message box is to hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hearth.core.records.contents import Chat
from hearth.core.text.markdown import Node
from hearth.core.view.message import Message


class ChatState(StrEnum):
    """What the open chat's pane shows."""

    LOADING = "loading"
    READY = "ready"
    EMPTY = "empty"
    """The chat has no messages."""
    GONE = "gone"
    """The chat was deleted, or the server does not have it for this account."""
    ABSENT = "absent"
    """The chat is not on this device; it can be fetched."""
    FETCHING = "fetching"


class AnswerState(StrEnum):
    """What there is to say of the assistant at the end of a chat."""

    GROWING = "growing"
    """It is answering."""
    CONSENT = "consent"
    """The person is asked whether text may leave the encryption; until they agree, none does."""
    UNANSWERED = "unanswered"
    """The last message has no answer, or not a whole one: the assistant can be asked."""
    FAILED = "failed"
    """It could not answer, or not to the end."""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """The answer that an open chat waits for, or what there is to do about one."""

    state: AnswerState
    message: Message | None = None
    """The answer that grows: its id, author and hour."""
    blocks: tuple[Node, ...] = ()
    """What has come of it; all but the last of them stay as they are."""
    sentences: tuple[str, ...] = ()
    """What the person is told."""
    again: bool = False
    """Whether part of an answer is there already: then it is asked for again."""


@dataclass(frozen=True, slots=True)
class OpenedChat:
    """The chat on screen: its newest messages, oldest first; `has_older` when more lie before them."""

    chat: Chat
    """The chat as the list knows it."""
    state: ChatState
    messages: tuple[Message, ...] = ()
    has_older: bool = False
    has_newer: bool = False
    """Whether messages lie after the last one here: the chat was opened at an older message."""
    marked: str = ""
    """The message at which the chat was opened."""
    jump: int = 0
    """Grows each time that a chat is opened at a message."""
    warning: str = ""
    """What is wrong with it, when it is not as it was written."""

    is_new: bool = False
    """Whether it exists on the screen alone, until something is written in it."""
    deleted: bool = False
    """Whether it is deleted, and only what was written in it and not sent is still here."""
    answer: AnswerView | None = None
    """What there is to say of the assistant."""

    @property
    def is_answering(self) -> bool:
        """Whether an answer is growing in it."""
        return self.answer is not None and self.answer.state is AnswerState.GROWING

    @property
    def writable(self) -> bool:
        """Whether messages can be written in it."""
        return self.state in (ChatState.READY, ChatState.EMPTY) and not self.deleted

    @property
    def id(self) -> str:
        """The chat's id."""
        return self.chat.id

    @property
    def title(self) -> str:
        """The chat's title."""
        return self.chat.title


@dataclass(frozen=True, slots=True)
class Composer:
    """What the message box is to hold.

    The person types in the page's own box; `text` is put into it when `revision` grows or the chat is another one.
    After a message was sent that is the empty text: what was typed since the press stays.
    """

    chat_id: str = ""
    text: str = ""
    revision: int = 0
    replaces: str | None = None
    """What `text` takes the place of: what the engine knew the box to hold, or what was sent; None when that is not
    known. What was typed after it is kept either way."""
    offer: str = ""
    """A draft that another device wrote while this box is being edited."""
    problem: str = ""
    """A sentence that says why what is in the box was not sent, or is not stored."""


@dataclass(frozen=True, slots=True)
class Printing:
    """How far printing a chat has come; `due` when all of it is on screen, and is to be printed now."""

    chat_id: str = ""
    sentence: str = ""
    """That it is being loaded, or why it was not printed."""
    due: bool = False
