"""Messages that the person sends, edits and deletes, as mutations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hearth.core.outbox.mutation import Act
from hearth.core.outbox.overlay import first_title
from hearth.core.records.new_message import new_message
from hearth.core.records.schema import WRAPPED_KEY, Collection, emptied
from hearth.core.records.text_limit import too_long
from hearth.core.view.presenters import UNTITLED
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.drawing import Together
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.drafts import DraftKeeper
from hearth.engine.writing.mutations import Mutations
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.stored_message import stored_message
from hearth.engine.writing.text_limit import TextLimit
from hearth.engine.writing.unsent_texts import CHAT_GONE, MESSAGE_GONE
from hearth.ports.keys import Keyring
from hearth.ports.storage import Position, Store

NO_KEY = "The key of this chat is not on this device, so nothing can be written in it."


class MessageWriter:
    """Writes messages; `on_sent` hears of each chat in which the person has sent one."""

    def __init__(
        self,
        mutations: Mutations,
        drafts: DraftKeeper,
        store: Store,
        keyring: Keyring,
        repository: ChatRepository,
        outbox: Outbox,
        view: OutboxView,
        composer: ComposerController,
        sender: OutboxSender,
        controller: ChatController,
        clock: WritingClock,
        limit: TextLimit,
        together: Together,
        on_sent: Callable[[str], None],
    ) -> None:
        self._mutations = mutations
        self._drafts = drafts
        self._store = store
        self._keyring = keyring
        self._repository = repository
        self._outbox = outbox
        self._view = view
        self._composer = composer
        self._sender = sender
        self._controller = controller
        self._clock = clock
        self._limit = limit
        self._together = together
        self._on_sent = on_sent

    async def send(self, chat_id: str, text: str) -> None:
        """Send a message; what is empty is none."""
        if not text.strip():
            return
        if problem := too_long(text, self._limit.most_bytes):
            self._composer.report(chat_id, problem)
            return
        at = self._clock.next_ms(self._latest(chat_id))
        fields, creates = await self._fields_of_new(chat_id, text)
        message_id = self._mutations.new_id()
        content = await self._keyring.seal_field(Collection.MESSAGES, chat_id, message_id, "content", text)
        if content is None:
            self._composer.report(chat_id, NO_KEY)
            return
        message = new_message(message_id, chat_id, "user", at, content)
        sent = self._mutations.make(Act.SEND, chat_id, at, text=text, message=message, chat=fields, creates=creates)
        drafts = self._drafts.replaceable(chat_id)
        put = [sent, *await self._drafts.emptied(chat_id, drafts)]
        if await self._mutations.keep(chat_id, put, drafts):
            self._view.new_chats.discard(chat_id)
            with self._together():
                self._composer.sent(chat_id, text)
                self._on_sent(chat_id)
                self._mutations.changed()
            await self._sender.push()

    def _latest(self, chat_id: str) -> int:
        """When the last thing in a chat happened: what is written now comes after it."""
        chat, opened = self._view.find(chat_id), self._controller.chat
        latest = chat.last_updated if chat else 0
        if opened and opened.id == chat_id and opened.messages:
            latest = max(latest, opened.messages[-1].created_at)
        return latest

    async def _fields_of_new(self, chat_id: str, text: str) -> tuple[dict[str, Any], bool]:
        """What a message says of its chat: the key and the title of a new one, the title of one without."""
        creating = next((each for each in self._outbox.of(chat_id) if each.creates), None)
        confirmed = self._repository.chats.get(chat_id)
        if creating is not None and creating.act is Act.DRAFT and creating in self._drafts.replaceable(chat_id):
            fields, creates = dict(creating.chat), True
        elif creating is None and confirmed is None and chat_id in self._view.new_chats:
            fields, creates = {WRAPPED_KEY: await self._keyring.create_key(Collection.CHATS, chat_id)}, True
        else:
            fields, creates = {}, False
        untitled = confirmed is not None and confirmed.title == UNTITLED
        if creates or untitled or (creating is not None and creating.act is Act.DRAFT):
            title = self._view.titles.get(chat_id) or first_title(text)
            fields["title"] = await self._keyring.seal_field(Collection.CHATS, chat_id, chat_id, "title", title)
        return fields, creates

    async def edit(self, chat_id: str, message_id: str, text: str) -> None:
        """Write a message of one's own anew."""
        if not text.strip():
            return
        row = await self._row(chat_id, message_id)
        if row is None:
            await self._drafts.keep_unsent(chat_id, text, CHAT_GONE if self._drafts.is_gone(chat_id) else MESSAGE_GONE)
            return
        if problem := too_long(text, self._limit.most_bytes_in(row, "content")):
            self._composer.report(chat_id, problem)
            return
        content = await self._keyring.seal_field(Collection.MESSAGES, chat_id, message_id, "content", text)
        if content is None:
            self._composer.report(chat_id, NO_KEY)
            return
        await self._change_message(Act.EDIT, row, text, content=content)

    async def delete_message(self, chat_id: str, message_id: str) -> None:
        """Delete a message of one's own, or give up one that was not sent."""
        failed = [each for each in self._outbox.of(chat_id) if each.message_id == message_id and each.problem]
        if failed:
            await self._mutations.keep(chat_id, [], failed)
            self._mutations.changed()
            return
        row = await self._row(chat_id, message_id)
        if row is not None:
            gone = emptied(Collection.MESSAGES)
            await self._change_message(Act.DELETE_MESSAGE, row, "", **gone, deleted_at=self._clock.now_ms())

    async def _change_message(self, act: Act, row: dict[str, Any], text: str, **values: Any) -> None:
        chat_id = row["chat_id"]
        message = {**row, **values, "version": row["version"] + 1}
        await self._mutations.do(self._mutations.make(act, chat_id, self._clock.next_ms(), text=text, message=message))

    async def _row(self, chat_id: str, message_id: str) -> dict[str, Any] | None:
        """A message as it will be once everything in the outbox is written."""
        waiting = [each for each in self._outbox.of(chat_id) if each.message_id == message_id and not each.problem]
        if waiting:
            return dict(waiting[-1].message)
        opened = self._controller.chat
        shown = [each for each in opened.messages if each.id == message_id] if opened else []
        if not shown:
            return None
        at = Position(shown[0].created_at, message_id)
        return await stored_message(self._store, self._keyring, chat_id, at)
