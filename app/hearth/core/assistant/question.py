"""What an assistant is asked: the last messages of a chat, bounded in number and in characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hearth.core.view.message import AnswerMark, Delivery, Message

MAX_TURNS = 40
MAX_CHARS = 24_000
"""Characters of all messages together; of a last message that is longer by itself, its beginning is sent."""

ROLES = ("user", "assistant")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a question, in plaintext."""

    role: str
    content: str = field(repr=False)


def question_of(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """The last messages of a chat, oldest first, up to the last one of the person's own; none where there is none.

    The newest are kept. Answers that were interrupted, what cannot be read and what was not sent are left out.
    """
    usable = [each for each in messages if _is_usable(each)]
    while usable and usable[-1].role != "user":
        usable.pop()
    turns: list[Turn] = []
    room = MAX_CHARS
    for each in reversed(usable[-MAX_TURNS:]):
        text = each.text.encode("utf-8", "replace").decode()  # half of a surrogate pair is no text
        if len(text) > room and turns:
            break
        turns.append(Turn(each.role, text[:room]))
        room -= len(text)
    return tuple(reversed(turns))


def is_unanswered(messages: Sequence[Message]) -> bool:
    """Whether the last message of a chat is the person's own, or an answer that was interrupted."""
    if not messages:
        return False
    newest = messages[-1]
    if newest.mark is AnswerMark.INTERRUPTED:
        return True
    return newest.role == "user" and _is_usable(newest)


def _is_usable(message: Message) -> bool:
    if message.role not in ROLES or message.fault or message.delivery is Delivery.FAILED:
        return False
    return message.mark is AnswerMark.NONE and bool(message.text.strip())
