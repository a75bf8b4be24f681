"""Chats that the person begins, renames, pins and deletes, as mutations."""

from __future__ import annotations

import asyncio

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.schema import Collection
from hearth.core.text.characters import one_line
from hearth.engine.chats.controller import ChatController, Show
from hearth.engine.queue_items import OutboxDue, Post
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.drafts import DraftKeeper
from hearth.engine.writing.messages import NO_KEY
from hearth.engine.writing.mutations import Mutations
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.unsent_texts import TITLE_GONE
from hearth.ports.keys import Keyring

UNDO_S = 10.0
"""How long a deletion can be undone; it is sent only then, or when the page is opened again."""


class ChatWriter:
    """Writes chats' own records."""

    def __init__(
        self,
        mutations: Mutations,
        drafts: DraftKeeper,
        keyring: Keyring,
        outbox: Outbox,
        view: OutboxView,
        composer: ComposerController,
        controller: ChatController,
        clock: WritingClock,
        post: Post,
        show: Show,
    ) -> None:
        self._mutations = mutations
        self._drafts = drafts
        self._keyring = keyring
        self._outbox = outbox
        self._view = view
        self._composer = composer
        self._controller = controller
        self._clock = clock
        self._post = post
        self._show = show
        self._undoable: Mutation | None = None
        self._undo_timer: asyncio.TimerHandle | None = None

    async def begin(self, title: str) -> None:
        """Open an empty chat; it exists from its first message or draft on, with a title if there is one."""
        chat_id = self._mutations.new_id()
        if title:
            self._view.titles[chat_id] = title
        self._view.new_chats.add(chat_id)
        await self._controller.open(chat_id, by_hand=True)
        await self._composer.open(chat_id)

    async def rename(self, chat_id: str, title: str) -> None:
        """Give a chat another title."""
        title = one_line(title)
        if not title:
            return
        if self._drafts.is_gone(chat_id):
            await self._drafts.keep_unsent(chat_id, title, TITLE_GONE)
            return
        sealed = await self._keyring.seal_field(Collection.CHATS, chat_id, chat_id, "title", title)
        if sealed is None:
            self._composer.report(chat_id, NO_KEY)
            return
        at, fields = self._clock.next_ms(), {"title": sealed}
        await self._mutations.do(self._mutations.make(Act.RENAME, chat_id, at, text=title, chat=fields))

    async def pin(self, chat_id: str, pinned: bool) -> None:
        """Pin a chat to the top of the list, or take it down."""
        sealed = None
        if pinned:
            sealed = await self._keyring.seal_field(Collection.CHATS, chat_id, chat_id, "pinned", "1")
            if sealed is None:
                return
        text = "1" if pinned else ""
        at, fields = self._clock.next_ms(), {"pinned": sealed}
        await self._mutations.do(self._mutations.make(Act.PIN, chat_id, at, text=text, chat=fields))

    async def delete(self, chat_id: str) -> None:
        """Delete a chat; that can be undone for a while."""
        chat = self._view.find(chat_id)
        if chat is None:
            return
        self.end_undo()
        at = self._clock.next_ms()
        deletion = self._mutations.make(Act.DELETE_CHAT, chat_id, at, not_before=at + int(UNDO_S * 1000))
        if not await self._mutations.keep(chat_id, [deletion], []):
            return
        self._undoable = deletion
        self._undo_timer = asyncio.get_running_loop().call_later(UNDO_S, self._post, OutboxDue())
        self._show(undo=chat.title)
        if self._controller.chat and self._controller.chat.id == chat_id:
            self._controller.close()
            self._composer.close()
        self._mutations.changed()

    async def undo(self) -> None:
        """Keep the chat that was just deleted."""
        if self._undoable is not None and self._undoable in self._outbox.mutations:
            await self._mutations.keep(self._undoable.chat_id, [], [self._undoable])
            self._mutations.changed()
        self.end_undo()

    def end_undo(self) -> None:
        """What was deleted last cannot be undone any longer."""
        if self._undo_timer is not None:
            self._undo_timer.cancel()
        if self._undoable is not None:
            self._show(undo="")
        self._undoable = self._undo_timer = None

    def end_undo_if_due(self) -> None:
        """The time to undo a deletion may be over."""
        if self._undoable and self._undoable.not_before <= self._clock.now_ms():
            self.end_undo()
