"""What there is to say of the assistant in each chat: the answers that come, and notes of what was asked."""

from __future__ import annotations

from dataclasses import replace

from hearth.core.assistant.question import is_unanswered
from hearth.core.view.message import AnswerMark
from hearth.core.view.open_chat import AnswerState, AnswerView, ChatState, OpenedChat
from hearth.engine.assistant.answer import Answer


class AnswerBoard:
    """The state of the assistant in one tab, as the open chat shows it."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        """The answers that this tab receives, by chat."""
        self.notes: dict[str, AnswerView] = {}
        """Questions to the person, and what went wrong, by chat."""
        self.asking: set[str] = set()
        """Chats that are about to be asked about."""
        self.can_ask = False
        """Whether there is an assistant, and the person has agreed to it."""

    def receives(self, mutation: str) -> bool:
        """Whether an answer in the outbox is one that this tab receives."""
        return any(each.mutation == mutation for each in self.answers.values())

    def of(self, chat: OpenedChat) -> AnswerView | None:
        """What the open chat says of the assistant."""
        answer = self.answers.get(chat.id)
        if answer is not None:
            return AnswerView(AnswerState.GROWING, answer.message, answer.blocks)
        at_end = chat.state is ChatState.READY and not chat.has_newer
        if not at_end or chat.id in self.asking or not is_unanswered(chat.messages):
            return None
        again = chat.messages[-1].mark is AnswerMark.INTERRUPTED
        note = self.notes.get(chat.id)
        if note is not None:
            return replace(note, again=again)
        return AnswerView(AnswerState.UNANSWERED, again=again) if self.can_ask else None
