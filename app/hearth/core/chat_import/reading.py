"""A value of a file of chats as a chat, whoever made it; and what a file was found to hold, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hearth.core.chat_import import chatgpt, claude, hearth_export
from hearth.core.chat_import.model import ImportedChat, LeftOut, Source

NAMES = {Source.HEARTH: "Hearth", Source.CHATGPT: "ChatGPT", Source.CLAUDE: "Claude"}

_WORDS = {
    LeftOut.OTHER_VERSION: ("{} message of another branch", "{} messages of other branches"),
    LeftOut.HIDDEN: ("{} message that the service hides", "{} messages that the service hides"),
    LeftOut.REASONING: ("{} passage of reasoning", "{} passages of reasoning"),
    LeftOut.MEDIA: ("{} image or recording; its place is marked", "{} images and recordings; their places are marked"),
    LeftOut.UNKNOWN: ("{} part in a form that is not known", "{} parts in forms that are not known"),
    LeftOut.UNREADABLE: ("{} message that was unreadable already", "{} messages that were unreadable already"),
    LeftOut.TOO_LONG: ("{} message that is too long for the server", "{} messages that are too long for the server"),
    LeftOut.EMPTY_CHAT: ("{} chat without messages", "{} chats without messages"),
    LeftOut.NO_CHAT: ("{} entry that is no chat", "{} entries that are no chats"),
}


@dataclass(slots=True)
class Tally:
    """What a file holds, and what of it is left out."""

    sources: set[Source] = field(default_factory=set)
    chats: int = 0
    messages: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)

    def add(self, chat: ImportedChat) -> None:
        """Count a chat; one without messages is left out."""
        self.sources.add(chat.source)
        self.left_out += chat.left_out
        if chat.messages:
            self.chats += 1
            self.messages += len(chat.messages)
        else:
            self.left_out[LeftOut.EMPTY_CHAT] += 1

    @property
    def names(self) -> str:
        """Who made the file."""
        return " and ".join(NAMES[each] for each in Source if each in self.sources)

    def left_out_words(self) -> list[str]:
        """What is left out, each kind with its number and why."""
        return [
            _WORDS[kind][self.left_out[kind] != 1].format(f"{self.left_out[kind]:,}")
            for kind in LeftOut
            if self.left_out[kind]
        ]


def chats_of(value: object) -> Iterator[ImportedChat | None]:
    """The chats of a member of a file: one, those of a list under `conversations`, or None for what is none.

    Raises `hearth_export.NewerFormat`.
    """
    if not isinstance(value, Mapping):
        yield None
        return
    listed = value.get("conversations")
    if isinstance(listed, list) and not any(kind.is_chat(value) for kind in (chatgpt, claude, hearth_export)):
        for each in listed:
            yield _chat(each) if isinstance(each, Mapping) else None
        return
    yield _chat(value)


def _chat(value: Mapping[str, Any]) -> ImportedChat | None:
    if hearth_export.is_chat(value):
        return hearth_export.read_chat(value)
    if chatgpt.is_chat(value):
        return chatgpt.read_chat(value)
    return claude.read_chat(value) if claude.is_chat(value) else None
