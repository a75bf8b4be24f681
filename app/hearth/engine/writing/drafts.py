"""What stands in a chat's message box, kept as mutations of the draft, or as a message that is not sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hearth.core.outbox.mutation import MAX_TEXT_CHARS, Act, Mutation
from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth.core.records.new_message import new_message
from hearth.core.records.schema import DRAFT, WRAPPED_KEY, Collection
from hearth.core.records.text_limit import too_long
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.mutations import Mutations
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.text_limit import TextLimit
from hearth.engine.writing.unsent_texts import CHAT_GONE, UnsentTexts
from hearth.ports.keys import Keyring

DRAFT_NOT_STORED = "What you type is not stored: this device has no room left."
DRAFT_TOO_LONG = "What you type is too long to be sent, so it is not stored at the server."


class DraftKeeper:
    """The drafts of one session."""

    def __init__(
        self,
        mutations: Mutations,
        keyring: Keyring,
        repository: ChatRepository,
        outbox: Outbox,
        view: OutboxView,
        composer: ComposerController,
        sender: OutboxSender,
        controller: ChatController,
        role: TabRole,
        clock: WritingClock,
        limit: TextLimit,
        unsent: UnsentTexts,
    ) -> None:
        self._mutations = mutations
        self._keyring = keyring
        self._repository = repository
        self._outbox = outbox
        self._view = view
        self._composer = composer
        self._sender = sender
        self._controller = controller
        self._role = role
        self._clock = clock
        self._limit = limit
        self._unsent = unsent

    def is_gone(self, chat_id: str) -> bool:
        """Whether a chat was deleted, here or elsewhere, and the server has it so."""
        here = chat_id in self._repository.chats or self._outbox.creates(chat_id) or chat_id in self._view.new_chats
        return not here and (self._repository.warmed or chat_id in self._repository.not_found)

    async def keep_unsent(self, chat_id: str, text: str, problem: str) -> None:
        """Keep what was typed for what is deleted by now as a message that is not sent."""
        waiting = self._outbox.of(chat_id)
        known = any(each.act is Act.SEND and each.problem and each.text == text for each in waiting)
        if text.strip() and not known:
            put = [await self._unsent.message(waiting, chat_id, text, problem)]
            if not await self._mutations.keep(chat_id, put, self.replaceable(chat_id)):
                return
            self._mutations.changed()

    async def keep(self, chat_id: str, text: str) -> None:
        """Keep what was typed as a mutation of the draft's record, which is sealed for the server when it is sent."""
        if self.is_gone(chat_id):
            await self.keep_unsent(chat_id, text, CHAT_GONE)
            return
        drafts = self.replaceable(chat_id)
        creating = next((each for each in drafts if each.creates), None)
        known = chat_id in self._repository.chats or self._outbox.creates(chat_id)
        if not text and creating is not None:
            self._view.new_chats.add(chat_id)
            if await self._mutations.keep(chat_id, [], drafts, DRAFT_NOT_STORED):
                self._mutations.changed()
            return
        if text == self._view.draft_of(chat_id) or (not known and not text):
            return
        fields: dict[str, Any] = dict(creating.chat) if creating else {}
        if not known:
            fields = {WRAPPED_KEY: await self._keyring.create_key(Collection.CHATS, chat_id)}
        if len(text) > MAX_TEXT_CHARS:
            self._composer.report(chat_id, DRAFT_TOO_LONG)
            return
        draft = self.make(chat_id, text, fields, creates=bool(fields))
        if too_long(text, self._limit.most_bytes):
            draft = replace(draft, problem=DRAFT_TOO_LONG)  # It stays on this device.
        if await self._mutations.keep(chat_id, [draft], drafts, DRAFT_NOT_STORED):
            self._view.new_chats.discard(chat_id)
            self._view.drafts[chat_id] = text
            self._controller.list_chats()
            self._role.tell_outbox()
            await self._sender.push()

    def make(self, chat_id: str, text: str, chat: dict[str, Any], *, creates: bool) -> Mutation:
        """A mutation of the draft's record; `chat` are the fields of a chat that it creates."""
        message = new_message(draft_id(chat_id), chat_id, DRAFT, DRAFT_CREATED_AT, None)
        at = self._clock.next_ms()
        return self._mutations.make(Act.DRAFT, chat_id, at, text=text, message=message, chat=chat, creates=creates)

    def replaceable(self, chat_id: str) -> list[Mutation]:
        """The drafts of a chat in the outbox that no write under way holds."""
        under_way = self._outbox.parcel_mutations()
        return [each for each in self._outbox.of(chat_id) if each.act is Act.DRAFT and each not in under_way]

    async def emptied(self, chat_id: str, replaced: list[Mutation]) -> list[Mutation]:
        """What empties the chat's draft, if the server has one, or is being told of one."""
        under_way = any(each.act is Act.DRAFT and each not in replaced for each in self._outbox.of(chat_id))
        if under_way or await self._composer.has_draft(chat_id):
            self._view.drafts[chat_id] = ""
            return [self.make(chat_id, "", {}, creates=False)]
        return []
