"""What the person writes becomes mutations: sealed, stored in the outbox, shown, and sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from hearth.core.outbox.mutation import Act
from hearth.core.protocol.server_events import Changes, Refetched, Refused
from hearth.core.records.schema import Collection
from hearth.core.text.characters import one_line
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
from hearth.engine.writing.chats import ChatWriter
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.drafts import DraftKeeper
from hearth.engine.writing.messages import MessageWriter
from hearth.engine.writing.mutations import Mutations
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.text_limit import TextLimit
from hearth.engine.writing.unsent_texts import CHAT_GONE, UnsentTexts
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.records import Frame
from hearth.ports.storage import Store


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
        self._outbox = outbox
        self._view = view
        self._unread = unread
        self._composer = composer
        self._sender = sender
        self._controller = controller
        self._unsent = unsent
        self._mutations = mutations = Mutations(outbox, clock, composer, sender, controller, role, new_id)
        self._drafts = drafts = DraftKeeper(
            mutations, keyring, repository, outbox, view, composer, sender, controller, role, clock, limit, unsent
        )
        self._messages = MessageWriter(
            mutations,
            drafts,
            store,
            keyring,
            repository,
            outbox,
            view,
            composer,
            sender,
            controller,
            clock,
            limit,
            together,
            on_sent,
        )
        self._chats = ChatWriter(mutations, drafts, keyring, outbox, view, composer, controller, clock, post, show)

    def stop(self) -> None:
        """Nothing more is written."""
        self._composer.stop()
        self._sender.stop()
        self._chats.end_undo()

    async def do(self, intent: WritingIntent) -> None:
        """Do what the person asked for."""
        match intent:
            case NewChat(title):
                await self._chats.begin(one_line(title))
            case TypeDraft(chat_id, text):
                self._composer.type(chat_id, text)
            case TakeDraft(chat_id, take):
                self._composer.take_offer(chat_id, take=take)
            case UndoDelete():
                await self._chats.undo()
            case TryAgain(mutation):
                await self._try_again(mutation)
            case Discard(mutation):
                await self._discard(mutation)
            case _:
                await self._write(intent)

    async def _write(self, intent: RecordIntent) -> None:
        match intent:
            case SendMessage(chat_id, text):
                await self._messages.send(chat_id, text)
            case EditMessage(chat_id, message_id, text):
                await self._messages.edit(chat_id, message_id, text)
            case DeleteMessage(chat_id, message_id):
                await self._messages.delete_message(chat_id, message_id)
            case RenameChat(chat_id, title):
                await self._chats.rename(chat_id, title)
            case PinChat(chat_id, pinned):
                await self._chats.pin(chat_id, pinned)
            case DeleteChat(chat_id):
                await self._chats.delete(chat_id)
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
        if shown and shown.id == self._composer.chat_id and self._drafts.is_gone(shown.id):
            text = self._composer.typed if self._composer.edited else ""
            await self._drafts.keep_unsent(shown.id, text, CHAT_GONE)
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
            self._chats.end_undo_if_due()
            await self._sender.push()
            if self._sender.gave_back:
                self._sender.gave_back = False
                self._mutations.changed()
            return
        for chat_id, text in self._composer.take_due().items():
            await self._drafts.keep(chat_id, text)

    async def _try_again(self, mutation_id: str) -> None:
        mutation = self._outbox.find(mutation_id)
        if mutation is not None and mutation.problem:
            edited = mutation.act is Act.EDIT
            again = await (self._sender.resealed(mutation) if edited else self._unsent.with_content(mutation))
            await self._mutations.do(replace(again, problem=""))

    async def _discard(self, mutation_id: str) -> None:
        mutation = self._outbox.find(mutation_id)
        if mutation is not None and mutation.problem:
            await self._mutations.keep(mutation.chat_id, [], [mutation])
            self._mutations.changed()
