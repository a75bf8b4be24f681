"""Chats that are imported, sealed on the device: mutations of a size that a write can hold."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from hearth.core.chat_import.model import ImportedMessage, TimedMessage
from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth.core.records.new_message import new_message
from hearth.core.records.schema import DRAFT, INTERRUPTED, WRAPPED_KEY, Collection
from hearth.core.text.characters import one_line
from hearth.engine.new_id import new_id
from hearth.engine.transfer.importing.plan import PlannedChat
from hearth.engine.transfer.pacing import Pacer
from hearth.engine.writing.clock import WritingClock
from hearth.ports.keys import Keyring

MAX_MESSAGES = 100
MAX_CHARS = 150_000
"""So much goes into one mutation: two of them fill a write."""

TITLE_CHARS = 200


class ImportSealer:
    """Makes mutations of planned chats."""

    def __init__(
        self, keyring: Keyring, clock: WritingClock, pacer: Pacer, make_id: Callable[[], str] = new_id
    ) -> None:
        self._keyring = keyring
        self._clock = clock
        self._pacer = pacer
        self._make_id = make_id

    async def mutations(self, planned: PlannedChat) -> AsyncIterator[Mutation]:
        """A chat's mutations, in their order; none where the key of a chat that is there is not here."""
        fields: dict[str, Any] = {"last_updated": planned.last_updated}
        if planned.is_new:
            fields |= await self._fields_of_new(planned)
        draft = planned.chat.draft if planned.is_new else ""
        rows: list[dict[str, Any]] = [await self._draft(planned)] if draft else []
        chars, creates = 0, planned.is_new
        for message_id, timed in planned.messages:
            row = await self._row(planned.id, message_id, timed)
            if row is None:
                return
            size = sum(len(value) for value in row.values() if isinstance(value, str))
            if rows and (len(rows) == MAX_MESSAGES or chars + size > MAX_CHARS):
                yield self._mutation(planned.id, fields, rows, draft, creates=creates)
                fields, rows, chars = {"last_updated": planned.last_updated}, [], 0
                draft, creates = "", False
            rows.append(row)
            chars += size
            await self._pacer.rest()
        yield self._mutation(planned.id, fields, rows, draft, creates=creates)

    def _mutation(
        self, chat_id: str, chat: dict[str, Any], rows: list[dict[str, Any]], draft: str, *, creates: bool
    ) -> Mutation:
        return Mutation(
            id=self._make_id(),
            at=self._clock.next_ms(),
            act=Act.IMPORT,
            chat_id=chat_id,
            chat=chat,
            messages=tuple(rows),
            text=draft,
            creates=creates,
        )

    async def _fields_of_new(self, planned: PlannedChat) -> dict[str, Any]:
        fields: dict[str, Any] = {"created_at": planned.created_at}
        fields[WRAPPED_KEY] = await self._keyring.create_key(Collection.CHATS, planned.id)
        title = one_line(planned.chat.title, TITLE_CHARS)
        if title:
            fields["title"] = await self._chat_field(planned.id, "title", title)
        if planned.chat.pinned:
            fields["pinned"] = await self._chat_field(planned.id, "pinned", "1")
        return fields

    async def _chat_field(self, chat_id: str, name: str, text: str) -> str | None:
        return await self._keyring.seal_field(Collection.CHATS, chat_id, chat_id, name, text)

    async def _row(self, chat_id: str, message_id: str, timed: TimedMessage) -> dict[str, Any] | None:
        texts = texts_of(timed.message)
        sealed = {
            name: await self._keyring.seal_field(Collection.MESSAGES, chat_id, message_id, name, text)
            for name, text in texts.items()
        }
        if None in sealed.values():
            return None
        content = sealed.pop("content", None)
        return new_message(message_id, chat_id, timed.message.role, timed.at, content, **sealed)

    async def _draft(self, planned: PlannedChat) -> dict[str, Any]:
        name = draft_id(planned.id)
        text = planned.chat.draft
        content = await self._keyring.seal_field(Collection.MESSAGES, planned.id, name, "content", text)
        return new_message(name, planned.id, DRAFT, DRAFT_CREATED_AT, content)


def texts_of(message: ImportedMessage) -> dict[str, str]:
    """The texts of a message that are sealed, by their fields."""
    texts = {"content": message.text}
    if message.files:
        texts["files"] = json.dumps(message.files, ensure_ascii=False)
    if message.embeds:
        texts["embeds"] = json.dumps(message.embeds, ensure_ascii=False)
    if message.interrupted:
        texts[INTERRUPTED] = "1"
    return texts
