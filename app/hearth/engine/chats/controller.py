"""The open chat, the chat list and the settings region, kept in step with what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from hearth.core.outbox.mutation import Mutation
from hearth.core.outbox.overlay import can_confirm, confirmed
from hearth.core.records.contents import Chat
from hearth.core.records.manifest_checks import Checked
from hearth.core.records.schema import Collection
from hearth.core.view.chat_list import OlderChatsView
from hearth.core.view.integrity_text import flag_of, warning_of
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.core.view.presenters import dated, group_chats, older_chats_view
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.repository import FIRST_MESSAGES, PAGE_MESSAGES, ChatRepository, PageRest
from hearth.engine.drawing import Together
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.ports.device import Device
from hearth.ports.records import Records
from hearth.ports.storage import Position

Show = Callable[..., None]
"""Puts parts of the screen (keywords of `Screen`) in place and draws them."""


class IntegrityReport(Protocol):
    """What the checks against the manifest found; see `hearth.engine.sync.integrity`."""

    def of(self, chat_id: str) -> Checked | None:
        """What is wrong with a chat, or None."""

    @property
    def withheld(self) -> tuple[Chat, ...]:
        """The chats that should be here and are not."""


class Overlay(Protocol):
    """What the outbox makes of what is confirmed; see `hearth.engine.writing.outbox_view`."""

    def chats(self) -> Iterable[Chat]:
        """The chats as the person left them."""

    def opened(self, chat: OpenedChat) -> OpenedChat:
        """The open chat as the person left it."""

    @property
    def unread(self) -> Mapping[str, int]:
        """How many messages of a chat are unread."""


class ChatController:
    """The chat list, the open chat and the settings region of one session; `show` draws them."""

    def __init__(
        self,
        device: Device,
        repository: ChatRepository,
        entries: EntryRepository,
        open_chats: OpenChats,
        integrity: IntegrityReport,
        overlay: Overlay,
        show: Show,
        together: Together,
    ) -> None:
        self._device = device
        self._repository = repository
        self._entries = entries
        self._open_chats = open_chats
        self._integrity = integrity
        self._overlay = overlay
        self._show = show
        self._together = together
        self.chat: OpenedChat | None = None
        """What is confirmed of the chosen chat, as far as it is drawn; the outbox lies over it."""
        self.shown: OpenedChat | None = None
        """The same with the outbox over it: what the person sees."""
        self.settings_open = False
        self.settings_here = False
        """Whether settings and memories are on the device."""
        self._first_shown = False
        self._jumps = 0
        self._rest: PageRest | None = None
        """What completes the open chat's first page; gone as soon as anything else about the chat is shown."""

    def resume(self, before: ChatController) -> None:
        """Keep what the person has in front of them, although everything is read anew."""
        self._open_chats.chosen, self._open_chats.by_hand = before._open_chats.chosen, before._open_chats.by_hand
        self.settings_open = before.settings_open
        self._first_shown = before._first_shown

    def was_shown(self) -> None:
        """The first chat was on screen before anything was read: the page had kept a view of it."""
        self._first_shown = True

    def list_chats(self) -> None:
        """Draw the chat list."""
        listed = [*self._overlay.chats(), *self._integrity.withheld]
        unread = self._overlay.unread
        groups = group_chats(listed, self._device.now(), lambda chat_id: flag_of(self._integrity.of(chat_id)), unread)
        self._show(groups=groups, unread=sum(unread.values()), older=self._older())

    def count_chats(self) -> None:
        """Draw how many of the account's chats are here."""
        self._show(older=self._older())

    def _older(self) -> OlderChatsView:
        known = self._repository
        if not known.warmed:
            return OlderChatsView()
        return older_chats_view(
            known.stored, len(known.chats), known.total, known.older_chats is not None, known.listing_older
        )

    async def open(self, chat_id: str, by_hand: bool, source: Records | None = None) -> bool:
        """Open a chat, its end first, which is in `source` if that was read already; whether more should follow."""
        self._open_chats.chosen = chat_id
        self._open_chats.by_hand = self._open_chats.by_hand or by_hand
        chat, rest = await self._repository.open_end(chat_id, self._device.now(), source)
        self._show_chat(chat)
        self._rest = rest
        return rest is not None

    def complete(self) -> None:
        """Bring the chat that was just opened to a full page, unless it was drawn anew meanwhile."""
        if self.chat and self._rest:
            self._show_chat(self._repository.complete_page(self.chat, self._rest, self._device.now()))

    async def open_from(self, chat_id: str, messages: Records) -> None:
        """Open the first chat from the frame that brought it, before anything is stored."""
        self._open_chats.chosen = chat_id
        page = await self._repository.open_page(chat_id, self._device.now(), FIRST_MESSAGES, messages)
        await asyncio.sleep(0)  # rendering and drawing are a task each for the browser, so that none is long
        self._show_chat(page)
        await asyncio.sleep(0)  # and so is what comes next

    async def open_at(self, chat_id: str, position: Position) -> None:
        """Open a chat at a message, and mark that."""
        self._open_chats.chosen, self._open_chats.by_hand = chat_id, True
        chat = await self._repository.open_around(chat_id, position, self._device.now())
        self._jumps += 1
        self._show_chat(replace(chat, jump=self._jumps))

    async def fill(self) -> None:
        """Bring the open chat to a full page of messages, or to as many as are shown, as they are stored now.

        Where all of it is shown, it stays so when more comes.
        """
        if self._open_chats.chosen is None:
            return
        now, chat = self._device.now(), self.chat
        if chat and chat.id == self._open_chats.chosen and chat.has_newer:
            self._show_chat(await self._repository.reopen(chat, now))
            return
        more = 0 if chat is None or chat.has_older else PAGE_MESSAGES
        limit = max(PAGE_MESSAGES, len(chat.messages) + more if chat else 0)
        page = await self._repository.open_page(self._open_chats.chosen, now, limit)
        same = chat if chat and chat.id == page.id else None
        self._show_chat(replace(page, marked=same.marked, jump=same.jump) if same else page)

    def confirm(self, chat_id: str, written: Sequence[Mutation]) -> bool:
        """What was written in a chat is stored: draw it so, if it is open, without reading it again.

        False where it has to be read.
        """
        known, opened = self._repository.chats.get(chat_id), self.chat
        own = [each for each in written if each.chat_id == chat_id]
        if opened is None or opened.id != chat_id or known is None or not can_confirm(opened, own):
            return False
        rest = self._rest
        self._show_chat(confirmed(opened, known, own, self._device.now()))
        self._rest = rest
        return True

    async def older(self, limit: int = PAGE_MESSAGES) -> None:
        """Add a page of older messages."""
        if self.chat and self.chat.has_older:
            self._show_chat(await self._repository.older(self.chat, self._device.now(), limit))

    async def newer(self, limit: int = PAGE_MESSAGES) -> None:
        """Add a page of newer messages."""
        if self.chat and self.chat.has_newer:
            self._show_chat(await self._repository.newer(self.chat, self._device.now(), limit))

    def close(self) -> None:
        """Back to the list."""
        self._open_chats.chosen, self._open_chats.by_hand = None, True
        self.chat = self.shown = self._rest = None
        self._show(chat=None)

    async def open_settings(self, opened: bool, place: str | None = None) -> None:
        """Open or close the region "Settings and memories", at a place of it or where it stands."""
        if place is not None:
            self._show(settings_place=place)
        self.settings_open = opened
        if opened and self.settings_here:
            self._show(settings=await self._entries.apps(), settings_ready=True, settings_open=True)
        else:
            self._show(settings=(), settings_ready=False, settings_open=opened)

    async def refresh(self, changed: set[str], completed: set[str], collections: set[Collection]) -> None:
        """Redraw what a stored frame changed: the list, the open chat, the open settings."""
        if Collection.CHATS in collections:
            self.list_chats()
        else:
            self.count_chats()
        if self._open_chats.chosen in changed | completed or (self.chat and self.chat.state is ChatState.LOADING):
            await self.fill()
        if Collection.SETTINGS_AND_MEMORIES in collections and self.settings_open:
            await self.open_settings(True)

    def redraw(self) -> None:
        """Draw the list and the open chat again: what is known to be wrong with them, or the outbox, has changed."""
        with self._together():
            self.list_chats()
            self.redraw_open()

    def redraw_open(self) -> None:
        """Draw the open chat again."""
        if self.chat is not None:
            rest = self._rest
            self._show_chat(self.chat)
            self._rest = rest

    def redate(self) -> None:
        """Another day has begun, or the person is in another time zone: say it in the list and in the open chat."""
        self.list_chats()
        if self.chat is not None:
            rest, now = self._rest, self._device.now()
            self._show_chat(replace(self.chat, messages=tuple(dated(each, now) for each in self.chat.messages)))
            self._rest = rest

    def _show_chat(self, chat: OpenedChat) -> None:
        chat = replace(chat, warning=warning_of(self._integrity.of(chat.id)))
        self.chat, self._rest = chat, None
        self.shown = chat = self._overlay.opened(chat)
        self._show(chat=chat)
        if not self._first_shown and chat.state in (ChatState.READY, ChatState.EMPTY):
            self._first_shown = True
            self._device.mark("first-chat-shown")
