"""A mutation: one thing that the person did, with the sealed values that it writes, as it lies in the outbox.

What a mutation seals is sealed once, when it is made. It names what it changes of a chat's record, not the whole of
it: the record is put together when it is sent, as the next version of the one that is confirmed by then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from hearth.core import dataclass_json
from hearth.core.dataclass_json import BadField, Size
from hearth.core.protocol.codec import MAX_RECORD_CHARS
from hearth.core.protocol.event_fields import MAX_WRITE_RECORDS
from hearth.core.records.schema import Id

MAX_TEXT_CHARS = MAX_RECORD_CHARS
"""The longest text that can be kept, whatever the server takes."""
MAX_PROBLEM_CHARS = 2_000


class Act(StrEnum):
    """What was done."""

    SEND = "send"
    """A message: one of the person's own, or an answer of the assistant that has come to its end."""
    ANSWER = "answer"
    """An answer that is still coming, as far as it has come. It is never sent as it is: `not_before` is the time, in ms
    since 1970, from which on no tab is receiving it any longer, and then what came of it becomes a message."""
    EDIT = "edit"
    DELETE_MESSAGE = "delete-message"
    DRAFT = "draft"
    RENAME = "rename"
    PIN = "pin"
    DELETE_CHAT = "delete-chat"
    IMPORT = "import"
    """Part of an imported chat: `messages` are new ones of it, `chat` has its times, and its key where it is new;
    `text` is its draft, which is one of the messages."""
    SETTING = "setting"
    """Settings of Hearth's own: `text` are the wishes as JSON, `chat_id` is the id of the record that holds them."""

    @property
    def is_counted(self) -> bool:
        """Whether the person is told that it waits.

        A draft, or a setting, is not what they sent, and an import says by itself how far it has come.
        """
        return self not in (Act.DRAFT, Act.SETTING, Act.IMPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One thing that the person did.

    `at` is when, in ms since 1970, and gives the order of an account's mutations on a device. `text` is what was
    written: a message, a title, a draft. `message` is the message's record as it is to be stored, `chat` the fields of
    the chat's record that change, sealed where they are sealed fields. `creates` says that the chat comes to be with
    it: then `chat` has its key. `not_before` is when it may be sent at the earliest, in ms since 1970.
    """

    id: Id
    at: int
    act: Act
    chat_id: Id
    text: Annotated[str, Size(MAX_TEXT_CHARS)] = field(default="", repr=False)
    message: Mapping[str, Any] = field(default_factory=dict, repr=False)
    chat: Mapping[str, Any] = field(default_factory=dict, repr=False)
    messages: Annotated[Sequence[Mapping[str, Any]], Size(MAX_WRITE_RECORDS)] = field(default=(), repr=False)
    """The records of several messages, of an import."""
    creates: bool = False
    not_before: int = 0
    problem: Annotated[str, Size(MAX_PROBLEM_CHARS)] = ""
    """A sentence that says why the server refused it for good; empty while it waits."""

    @property
    def name(self) -> str:
        """Its name in the outbox: names are in the order of the mutations."""
        return f"{self.at:016d} {self.id}"

    @property
    def message_id(self) -> str | None:
        """The message that it is about."""
        return self.message.get("id")

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The records of messages that it writes."""
        return [*([self.message] if self.message else []), *self.messages]

    @property
    def touches_chat(self) -> bool:
        """Whether the chat's own record changes with it; a draft changes nothing of a chat that is there."""
        return self.creates or self.act not in (Act.DRAFT, Act.SETTING)

    def is_about(self, record_id: str) -> bool:
        """Whether a record is one that it writes."""
        return record_id in (self.chat_id, self.message_id) or any(row["id"] == record_id for row in self.messages)


def write(mutation: Mutation) -> bytes:
    """The mutation as JSON, before it is sealed."""
    return json.dumps(dataclass_json.write(mutation), separators=(",", ":")).encode()


def read(content: bytes) -> Mutation | None:
    """The mutation of its JSON, or None for what this version cannot read."""
    try:
        value = json.loads(content)
        return dataclass_json.read(Mutation, value) if isinstance(value, dict) else None
    except (ValueError, BadField, RecursionError):
        return None
