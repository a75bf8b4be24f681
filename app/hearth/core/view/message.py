"""One message as the page shows it: its text, files and previews, and how far one of one's own has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hearth.core.text.markdown import Node


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


class Delivery(StrEnum):
    """How far a message of one's own has come."""

    DONE = ""
    """The server has it."""
    SENDING = "sending"
    WAITING = "waiting"
    """There is no connection."""
    FAILED = "failed"
    """The server refused it for good: "Try again" and "Discard" are offered."""


class AnswerMark(StrEnum):
    """Whether an answer of the assistant is whole."""

    NONE = ""
    INTERRUPTED = "interrupted"
    """It was cut off: this is what came of it."""
    ELSEWHERE = "elsewhere"
    """Another tab is still receiving it."""


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
    text: str = ""
    """The message as it was written, in Markdown."""
    edited: bool = False
    delivery: Delivery = Delivery.DONE
    mutation: str = ""
    """The mutation that waits, or was refused."""
    problem: str = ""
    """A sentence that says why it was not sent."""
    mark: AnswerMark = AnswerMark.NONE
