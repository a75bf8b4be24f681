"""What of a file's chats is new to the account: under which ids it goes, and what is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hearth.core.chat_import.ids import imported_chat_id, imported_message_id
from hearth.core.chat_import.model import ImportedChat, Source, TimedMessage, in_order, span
from hearth.core.outbox.mutation import Act
from hearth.engine.transfer.remote_chats import KnownChat, RemoteChats
from hearth.engine.writing.outbox import Outbox

MAX_GENERATIONS = 1_000
"""So often one chat can be imported and deleted again."""


@dataclass(slots=True)
class PlannedChat:
    """A chat under its id; `messages` are those that are new, each under its id."""

    chat: ImportedChat
    id: str
    is_new: bool
    created_at: int
    last_updated: int
    messages: list[tuple[str, TimedMessage]] = field(default_factory=list)

    @property
    def has_news(self) -> bool:
        """Whether there is anything to import of it."""
        return self.is_new or bool(self.messages)


class Planner:
    """Compares chats with what the account has. Raises `NotReached`."""

    def __init__(self, remote: RemoteChats, outbox: Outbox, secret: bytes, now_ms: int) -> None:
        self._remote = remote
        self._outbox = outbox
        self._secret = secret
        self._now_ms = now_ms

    async def plan(self, chats: Sequence[ImportedChat]) -> list[PlannedChat]:
        """Chats in their order, each with what is new of it."""
        known: dict[str, KnownChat] = {}
        ids: list[str | None] = [None] * len(chats)
        own = [each.id for each in chats if each.source is Source.HEARTH]
        known |= await self._remote.known(own)
        for number, chat in enumerate(chats):
            original = known.get(chat.id)
            if chat.source is Source.HEARTH and original is not None and not original.is_deleted:
                ids[number] = chat.id  # It was exported from this very account, and is still there.
        for generation in range(MAX_GENERATIONS):
            waiting = {
                number: imported_chat_id(self._secret, chats[number].source, chats[number].id, generation)
                for number, found in enumerate(ids)
                if found is None
            }
            if not waiting:
                break
            known |= await self._remote.known(waiting.values())
            for number, chat_id in waiting.items():
                there = known.get(chat_id)
                if there is None or not there.is_deleted:
                    ids[number] = chat_id
        return [self._planned(chat, chat_id, known) for chat, chat_id in zip(chats, ids, strict=True) if chat_id]

    def _planned(self, chat: ImportedChat, chat_id: str, known: dict[str, KnownChat]) -> PlannedChat:
        there = known.get(chat_id)
        said = dict(there.messages) if there else {}
        waiting = [each for each in self._outbox.of(chat_id) if each.act is Act.IMPORT and not each.problem]
        said |= {row["id"]: False for each in waiting for row in each.messages}
        timed = in_order(chat, self._now_ms)
        planned = PlannedChat(chat, chat_id, there is None and not waiting, *span(chat, timed, self._now_ms))
        for number, each in enumerate(timed):
            message_id = self._message_id(planned, each.message.id or str(number), said)
            if message_id is not None:
                said[message_id] = False
                planned.messages.append((message_id, each))
        return planned

    def _message_id(self, planned: PlannedChat, original: str, said: dict[str, bool]) -> str | None:
        """The id of a message that is new; None for one that is there."""
        if planned.id == planned.chat.id and said.get(original) is False:
            return None
        for generation in range(MAX_GENERATIONS):
            message_id = imported_message_id(self._secret, planned.id, original, generation)
            if message_id not in said:
                return message_id
            if not said[message_id]:
                return None
        return None
