"""What the person writes becomes mutations: sealed, stored in the outbox, shown, and sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, assert_never

from hearth.core.errors import QuotaExceeded, StorageError
from hearth.core.outbox.mutation import MAX_TEXT_CHARS, Act, Mutation
from hearth.core.outbox.overlay import first_title
from hearth.core.protocol.server_events import Changes, Refetched, Refused
from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth.core.records.new_message import new_message
from hearth.core.records.schema import DRAFT, WRAPPED_KEY, Collection, emptied
from hearth.core.records.text_limit import too_long
from hearth.core.text.characters import one_line
from hearth.core.view.presenters import UNTITLED
from hearth.engine.chats.controller import ChatController, Show
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.chats.unread import UnreadCounts
from hearth.engine.drawing import Together
from hearth.engine.intents.writing import (
    DeleteChat,
    DeleteMessage,
    Discard,
    EditMessage,
    NewChat,
    PinChat,
    RecordIntent,
    RenameChat,
    SendMessage,
    TakeDraft,
    TryAgain,
    TypeDraft,
    UndoDelete,
    WritingIntent,
)
from hearth.engine.new_id import new_id
from hearth.engine.queue_items import DraftDue, OutboxDue, Post
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.stored_message import stored_message
from hearth.engine.writing.text_limit import TextLimit
from hearth.engine.writing.unsent_texts import CHAT_GONE, MESSAGE_GONE, TITLE_GONE, UnsentTexts
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.records import Frame
from hearth.ports.storage import Position, Store

UNDO_S = 10.0
"""How long a deletion can be undone; it is sent only then, or when the page is opened again."""

NO_KEY = "The key of this chat is not on this device, so nothing can be written in it."
NO_ROOM = "This device has no room left. The message was not sent; it stays in the box."
NOT_STORED = "The message could not be stored on this device, so it was not sent; it stays in the box."
DRAFT_NOT_STORED = "What you type is not stored: this device has no room left."

DRAFT_TOO_LONG = "What you type is too long to be sent, so it is not stored at the server."


class WritingController:
    """The writing of one session; `new_id` makes the ids of records and mutations.

    `on_sent` hears of each chat in which the person has sent a message.
    """

    def __init__(
        self,
        device: Device,
        store: Store,
        keyring: Keyring,
        repository: ChatRepository,
        outbox: Outbox,
        view: OutboxView,
        unread: UnreadCounts,
        composer: ComposerController,
        sender: OutboxSender,
        controller: ChatController,
        role: TabRole,
        clock: WritingClock,
        limit: TextLimit,
        unsent: UnsentTexts,
        post: Post,
        show: Show,
        together: Together,
        on_sent: Callable[[str], None] = lambda _chat_id: None,
        new_id: Callable[[], str] = new_id,
    ) -> None:
        self._device = device
        self._store = store
        self._keyring = keyring
        self._repository = repository
        self._outbox = outbox
        self._view = view
        self._unread = unread
        self._composer = composer
        self._sender = sender
        self._controller = controller
        self._role = role
        self._clock = clock
        self._limit = limit
        self._unsent = unsent
        self._post = post
        self._show = show
        self._together = together
        self._on_sent = on_sent
        self._new_id = new_id
        self._undoable: Mutation | None = None
        self._undo_timer: asyncio.TimerHandle | None = None

    def stop(self) -> None:
        """Nothing more is written."""
        self._composer.stop()
        self._sender.stop()
        self._end_undo()

    async def do(self, intent: WritingIntent) -> None:
        """Do what the person asked for."""
        match intent:
            case NewChat(title):
                await self._new_chat(one_line(title))
            case TypeDraft(chat_id, text):
                self._composer.type(chat_id, text)
            case TakeDraft(chat_id, take):
                self._composer.take_offer(chat_id, take=take)
            case UndoDelete():
                await self._undo()
            case TryAgain(mutation):
                await self._try_again(mutation)
            case Discard(mutation):
                await self._discard(mutation)
            case _:
                await self._write(intent)

    async def _write(self, intent: RecordIntent) -> None:
        match intent:
            case SendMessage(chat_id, text):
                await self._send(chat_id, text)
            case EditMessage(chat_id, message_id, text):
                await self._edit(chat_id, message_id, text)
            case DeleteMessage(chat_id, message_id):
                await self._delete_message(chat_id, message_id)
            case RenameChat(chat_id, title):
                await self._rename(chat_id, title)
            case PinChat(chat_id, pinned):
                await self._pin(chat_id, pinned)
            case DeleteChat(chat_id):
                await self._delete_chat(chat_id)
            case _:
                assert_never(intent)

    async def lead(self) -> None:
        """Read again what the tab that led was refused, and what waits: this tab leads now."""
        await self._sender.spent.load()
        await self.heard()

    async def heard(self) -> None:
        """Another tab changed the outbox, or what is unread."""
        await self._outbox.reread()
        await self._unread.load()
        self._controller.redraw()
        await self._sender.push()

    def leader_stands(self, *, current: bool) -> None:
        """The tab that leads says whether it is up to date: then what waits is on its way."""
        if current != self._view.leader_online:
            self._view.leader_online = current
            self._controller.redraw_open()

    async def follow(self) -> None:
        """The message box follows the chat that is on screen; what stands in it when that is deleted is kept."""
        shown = self._controller.shown
        if shown and shown.id == self._composer.chat_id and self._is_gone(shown.id):
            text = self._composer.typed if self._composer.edited else ""
            await self._keep_unsent(shown.id, text, CHAT_GONE)
            self._composer.sent(shown.id, text)
            shown = self._controller.shown
        chat_id = shown.id if shown and shown.writable else ""
        if chat_id != self._composer.chat_id:
            if chat_id:
                await self._composer.open(chat_id)
            else:
                self._composer.close()

    async def learn_drafts(self) -> None:
        """Read the drafts of all chats for the list."""
        if await self._composer.learn(await self._store.drafts()):
            self._controller.list_chats()

    async def stored(self, frame: Frame) -> None:
        """A frame is stored: count what is unread, and take over drafts."""
        records = frame.records.get(Collection.MESSAGES)
        if self._sender.wrote_drafts:
            self._sender.wrote_drafts = False
            await self._composer.written()
        if records is None or not isinstance(frame.event, Changes | Refetched | Refused):
            return
        opened = self._controller.chat
        read = opened.id if opened and self._device.visible() else None
        counted = await self._unread.arrived(frame, read)
        learnt = await self._composer.learn(records)
        await self._composer.refresh()
        if counted or learnt:
            self._controller.list_chats()

    async def stored_elsewhere(self) -> None:
        """The tab that leads has stored something: take over what is unread, and the draft of the open chat."""
        await self._unread.load()
        await self._composer.refresh()
        self._controller.list_chats()
        await self.follow()

    async def chat_opened(self, chat_id: str) -> None:
        """The person has a chat in front of them, here or in another tab."""
        if await self._unread.opened(chat_id):
            self._controller.list_chats()

    async def take_due(self, due: DraftDue | OutboxDue) -> None:
        """The moment has come to keep what was typed, or to send what waited for its time."""
        if isinstance(due, OutboxDue):
            if self._undoable and self._undoable.not_before <= self._clock.now_ms():
                self._end_undo()
            await self._sender.push()
            if self._sender.gave_back:
                self._sender.gave_back = False
                self._changed()
            return
        for chat_id, text in self._composer.take_due().items():
            await self._keep_draft(chat_id, text)

    # --- messages ---

    async def _new_chat(self, title: str) -> None:
        chat_id = self._new_id()
        if title:
            self._view.titles[chat_id] = title
        self._view.new_chats.add(chat_id)
        await self._controller.open(chat_id, by_hand=True)
        await self._composer.open(chat_id)

    async def _send(self, chat_id: str, text: str) -> None:
        if not text.strip():
            return
        if problem := too_long(text, self._limit.most_bytes):
            self._composer.report(chat_id, problem)
            return
        at = self._clock.next_ms(self._latest(chat_id))
        fields, creates = await self._fields_of_new(chat_id, text)
        message_id = self._new_id()
        content = await self._keyring.seal_field(Collection.MESSAGES, chat_id, message_id, "content", text)
        if content is None:
            self._composer.report(chat_id, NO_KEY)
            return
        message = new_message(message_id, chat_id, "user", at, content)
        sent = self._mutation(Act.SEND, chat_id, at, text=text, message=message, chat=fields, creates=creates)
        drafts = self._replaceable_drafts(chat_id)
        put = [sent, *await self._emptied_draft(chat_id, drafts)]
        if await self._keep(chat_id, put, drafts):
            self._view.new_chats.discard(chat_id)
            with self._together():
                self._composer.sent(chat_id, text)
                self._on_sent(chat_id)
                self._changed()
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
        if creating is not None and creating.act is Act.DRAFT and creating in self._replaceable_drafts(chat_id):
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

    async def _edit(self, chat_id: str, message_id: str, text: str) -> None:
        if not text.strip():
            return
        row = await self._row(chat_id, message_id)
        if row is None:
            await self._keep_unsent(chat_id, text, CHAT_GONE if self._is_gone(chat_id) else MESSAGE_GONE)
            return
        if problem := too_long(text, self._limit.most_bytes_in(row, "content")):
            self._composer.report(chat_id, problem)
            return
        content = await self._keyring.seal_field(Collection.MESSAGES, chat_id, message_id, "content", text)
        if content is None:
            self._composer.report(chat_id, NO_KEY)
            return
        await self._change_message(Act.EDIT, row, text, content=content)

    async def _delete_message(self, chat_id: str, message_id: str) -> None:
        failed = [each for each in self._outbox.of(chat_id) if each.message_id == message_id and each.problem]
        if failed:
            await self._keep(chat_id, [], failed)
            self._changed()
            return
        row = await self._row(chat_id, message_id)
        if row is not None:
            gone = emptied(Collection.MESSAGES)
            await self._change_message(Act.DELETE_MESSAGE, row, "", **gone, deleted_at=self._clock.now_ms())

    async def _change_message(self, act: Act, row: dict[str, Any], text: str, **values: Any) -> None:
        chat_id = row["chat_id"]
        message = {**row, **values, "version": row["version"] + 1}
        await self._do(self._mutation(act, chat_id, self._clock.next_ms(), text=text, message=message))

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

    # --- chats ---

    async def _rename(self, chat_id: str, title: str) -> None:
        title = one_line(title)
        if not title:
            return
        if self._is_gone(chat_id):
            await self._keep_unsent(chat_id, title, TITLE_GONE)
            return
        sealed = await self._keyring.seal_field(Collection.CHATS, chat_id, chat_id, "title", title)
        if sealed is None:
            self._composer.report(chat_id, NO_KEY)
            return
        await self._do(self._mutation(Act.RENAME, chat_id, self._clock.next_ms(), text=title, chat={"title": sealed}))

    async def _pin(self, chat_id: str, pinned: bool) -> None:
        sealed = None
        if pinned:
            sealed = await self._keyring.seal_field(Collection.CHATS, chat_id, chat_id, "pinned", "1")
            if sealed is None:
                return
        text = "1" if pinned else ""
        await self._do(self._mutation(Act.PIN, chat_id, self._clock.next_ms(), text=text, chat={"pinned": sealed}))

    async def _delete_chat(self, chat_id: str) -> None:
        chat = self._view.find(chat_id)
        if chat is None:
            return
        self._end_undo()
        at = self._clock.next_ms()
        deletion = self._mutation(Act.DELETE_CHAT, chat_id, at, not_before=at + int(UNDO_S * 1000))
        if not await self._keep(chat_id, [deletion], []):
            return
        self._undoable = deletion
        self._undo_timer = asyncio.get_running_loop().call_later(UNDO_S, self._post, OutboxDue())
        self._show(undo=chat.title)
        if self._controller.chat and self._controller.chat.id == chat_id:
            self._controller.close()
            self._composer.close()
        self._changed()

    async def _undo(self) -> None:
        if self._undoable is not None and self._undoable in self._outbox.mutations:
            await self._keep(self._undoable.chat_id, [], [self._undoable])
            self._changed()
        self._end_undo()

    def _end_undo(self) -> None:
        if self._undo_timer is not None:
            self._undo_timer.cancel()
        if self._undoable is not None:
            self._show(undo="")
        self._undoable = self._undo_timer = None

    # --- what was refused ---

    async def _try_again(self, mutation_id: str) -> None:
        mutation = self._outbox.find(mutation_id)
        if mutation is not None and mutation.problem:
            edited = mutation.act is Act.EDIT
            again = await (self._sender.resealed(mutation) if edited else self._unsent.with_content(mutation))
            await self._do(replace(again, problem=""))

    async def _discard(self, mutation_id: str) -> None:
        mutation = self._outbox.find(mutation_id)
        if mutation is not None and mutation.problem:
            await self._keep(mutation.chat_id, [], [mutation])
            self._changed()

    def _is_gone(self, chat_id: str) -> bool:
        """Whether a chat was deleted, here or elsewhere, and the server has it so."""
        here = chat_id in self._repository.chats or self._outbox.creates(chat_id) or chat_id in self._view.new_chats
        return not here and (self._repository.warmed or chat_id in self._repository.not_found)

    async def _keep_unsent(self, chat_id: str, text: str, problem: str) -> None:
        """Keep what was typed for what is deleted by now as a message that is not sent."""
        waiting = self._outbox.of(chat_id)
        known = any(each.act is Act.SEND and each.problem and each.text == text for each in waiting)
        if text.strip() and not known:
            put = [await self._unsent.message(waiting, chat_id, text, problem)]
            if not await self._keep(chat_id, put, self._replaceable_drafts(chat_id)):
                return
            self._changed()

    # --- drafts ---

    async def _keep_draft(self, chat_id: str, text: str) -> None:
        """Keep what was typed as a mutation of the draft's record, which is sealed for the server when it is sent."""
        if self._is_gone(chat_id):
            await self._keep_unsent(chat_id, text, CHAT_GONE)
            return
        drafts = self._replaceable_drafts(chat_id)
        creating = next((each for each in drafts if each.creates), None)
        known = chat_id in self._repository.chats or self._outbox.creates(chat_id)
        if not text and creating is not None:
            self._view.new_chats.add(chat_id)
            if await self._keep(chat_id, [], drafts, DRAFT_NOT_STORED):
                self._changed()
            return
        if text == self._view.draft_of(chat_id) or (not known and not text):
            return
        fields: dict[str, Any] = dict(creating.chat) if creating else {}
        if not known:
            fields = {WRAPPED_KEY: await self._keyring.create_key(Collection.CHATS, chat_id)}
        if len(text) > MAX_TEXT_CHARS:
            self._composer.report(chat_id, DRAFT_TOO_LONG)
            return
        draft = self._draft(chat_id, text, fields, creates=bool(fields))
        if too_long(text, self._limit.most_bytes):
            draft = replace(draft, problem=DRAFT_TOO_LONG)  # It stays on this device.
        if await self._keep(chat_id, [draft], drafts, DRAFT_NOT_STORED):
            self._view.new_chats.discard(chat_id)
            self._view.drafts[chat_id] = text
            self._controller.list_chats()
            self._role.tell_outbox()
            await self._sender.push()

    def _draft(self, chat_id: str, text: str, chat: dict[str, Any], *, creates: bool) -> Mutation:
        message = new_message(draft_id(chat_id), chat_id, DRAFT, DRAFT_CREATED_AT, None)
        at = self._clock.next_ms()
        return self._mutation(Act.DRAFT, chat_id, at, text=text, message=message, chat=chat, creates=creates)

    def _replaceable_drafts(self, chat_id: str) -> list[Mutation]:
        """The drafts of a chat in the outbox that no write under way holds."""
        under_way = self._outbox.parcel_mutations()
        return [each for each in self._outbox.of(chat_id) if each.act is Act.DRAFT and each not in under_way]

    async def _emptied_draft(self, chat_id: str, replaced: list[Mutation]) -> list[Mutation]:
        """What empties the chat's draft, if the server has one, or is being told of one."""
        under_way = any(each.act is Act.DRAFT and each not in replaced for each in self._outbox.of(chat_id))
        if under_way or await self._composer.has_draft(chat_id):
            self._view.drafts[chat_id] = ""
            return [self._draft(chat_id, "", {}, creates=False)]
        return []

    # --- within ---

    def _mutation(self, act: Act, chat_id: str, at: int, **values: Any) -> Mutation:
        return Mutation(id=self._new_id(), at=at, act=act, chat_id=chat_id, **values)

    async def _do(self, mutation: Mutation) -> None:
        """Keep a mutation, show what it changes, and send it."""
        if await self._keep(mutation.chat_id, [mutation], []):
            self._changed()
            await self._sender.push()

    async def _keep(
        self, chat_id: str, put: list[Mutation], remove: list[Mutation], not_stored: str = NOT_STORED
    ) -> bool:
        """Change the outbox; say at the box why, where it cannot be stored."""
        try:
            await self._outbox.change(put, remove)
        except QuotaExceeded:
            self._composer.report(chat_id, NO_ROOM if not_stored is NOT_STORED else not_stored)
        except StorageError:
            self._composer.report(chat_id, not_stored)
        else:
            return True
        return False

    def _changed(self) -> None:
        """The outbox is another: the page and the other tabs follow."""
        self._controller.redraw()
        self._role.tell_outbox()
