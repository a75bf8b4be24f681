"""What the person reads: the open chat and the settings, kept in step with what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from hearth.core.records.manifest import Checked
from hearth.core.records.schema import Collection
from hearth.core.view.integrity_text import flag_of, warning_of
from hearth.core.view.model import Chat, ChatState, OpenChat
from hearth.core.view.presenters import group_chats
from hearth.engine.chats.repository import FIRST_MESSAGES, PAGE_MESSAGES, ChatRepository, PageRest
from hearth.ports.device import Device
from hearth.ports.records import Records
from hearth.ports.storage import Position

Show = Callable[..., None]
"""Puts parts of the screen (keywords of `Screen`) in place and draws them."""


class Watch(Protocol):
    """What is known to be wrong with chats; see `hearth.engine.sync.integrity`."""

    def of(self, chat_id: str) -> Checked | None:
        """What is wrong with a chat, or None."""

    @property
    def withheld(self) -> tuple[Chat, ...]:
        """The chats that should be here and are not."""


@dataclass(slots=True)
class ChatController:
    """The open chat and the settings region of one session.

    `chosen` is the chat that the person, or else the last session, wants on screen; `by_hand` says that it
    was the person, whose choice nothing else overrides.
    """

    device: Device
    repository: ChatRepository
    show: Show
    watch: Watch | None = None
    chosen: str | None = None
    by_hand: bool = False
    chat: OpenChat | None = None
    settings_open: bool = False
    settings_here: bool = False
    stored: Callable[[set[str], bool], None] = field(default=lambda _chats, _entries: None)
    """Hears which chats changed in the store, and whether apps' entries did."""
    _first_shown: bool = field(default=False)
    _jumps: int = field(default=0)
    _rest: PageRest | None = field(default=None)
    """What completes the open chat's first page; gone as soon as anything else about the chat is shown."""

    def resume(self, before: ChatController) -> None:
        """Keep what the person has in front of them, although everything is read anew."""
        self.chosen, self.by_hand = before.chosen, before.by_hand
        self.settings_open = before.settings_open
        self._first_shown = before._first_shown

    def list_chats(self) -> None:
        """Draw the chat list."""
        chats, watch = self.repository.chats.values(), self.watch
        if watch is None:
            self.show(groups=group_chats(chats, self.device.now()))
        else:
            listed = [*chats, *watch.withheld]
            self.show(groups=group_chats(listed, self.device.now(), lambda chat_id: flag_of(watch.of(chat_id))))

    async def open(self, chat_id: str, by_hand: bool, source: Records | None = None) -> bool:
        """Open a chat, its end first, which is in `source` if that was read already; whether more should follow."""
        self.chosen, self.by_hand = chat_id, self.by_hand or by_hand
        chat, rest = await self.repository.open_end(chat_id, self.device.now(), source)
        self._show_chat(chat)
        self._rest = rest
        return rest is not None

    def complete(self) -> None:
        """Bring the chat that was just opened to a full page, unless it was drawn anew meanwhile."""
        if self.chat and self._rest:
            self._show_chat(self.repository.complete_page(self.chat, self._rest, self.device.now()))

    async def open_from(self, chat_id: str, messages: Records) -> None:
        """Open the first chat from the frame that brought it, before anything is stored."""
        self.chosen = chat_id
        page = await self.repository.open_page(chat_id, self.device.now(), FIRST_MESSAGES, messages)
        await asyncio.sleep(0)  # rendering and drawing are a task each for the browser, so that none is long
        self._show_chat(page)
        await asyncio.sleep(0)  # and so is what comes next

    async def open_at(self, chat_id: str, position: Position) -> None:
        """Open a chat at a message, and mark that."""
        self.chosen, self.by_hand = chat_id, True
        chat = await self.repository.open_around(chat_id, position, self.device.now())
        self._jumps += 1
        self._show_chat(replace(chat, jump=self._jumps))

    async def fill(self) -> None:
        """Bring the open chat to a full page of messages, or to as many as are shown, as they are stored now."""
        if self.chosen is None:
            return
        now, chat = self.device.now(), self.chat
        if chat and chat.id == self.chosen and chat.has_newer:
            self._show_chat(await self.repository.reopen(chat, now))
            return
        limit = max(PAGE_MESSAGES, len(chat.messages) if chat else 0)
        page = await self.repository.open_page(self.chosen, now, limit)
        same = chat if chat and chat.id == page.id else None
        self._show_chat(replace(page, marked=same.marked, jump=same.jump) if same else page)

    async def older(self) -> None:
        """Add a page of older messages."""
        if self.chat and self.chat.has_older:
            self._show_chat(await self.repository.older(self.chat, self.device.now()))

    async def newer(self) -> None:
        """Add a page of newer messages."""
        if self.chat and self.chat.has_newer:
            self._show_chat(await self.repository.newer(self.chat, self.device.now()))

    def close(self) -> None:
        """Back to the list."""
        self.chosen, self.by_hand, self.chat, self._rest = None, True, None, None
        self.show(chat=None)

    async def open_settings(self, opened: bool, place: str | None = None) -> None:
        """Open or close the region "Settings and memories", at a place of it or where it stands."""
        if place is not None:
            self.show(settings_place=place)
        self.settings_open = opened
        if opened and self.settings_here:
            self.show(settings=await self.repository.apps(), settings_ready=True, settings_open=True)
        else:
            self.show(settings=(), settings_ready=False, settings_open=opened)

    async def refresh(self, changed: set[str], completed: set[str], collections: set[Collection]) -> None:
        """Redraw what a stored frame changed: the list, the open chat, the open settings."""
        self.stored(changed | completed, Collection.SETTINGS_AND_MEMORIES in collections)
        if Collection.CHATS in collections:
            self.list_chats()
        if self.chosen in changed | completed or (self.chat and self.chat.state is ChatState.LOADING):
            await self.fill()
        if Collection.SETTINGS_AND_MEMORIES in collections and self.settings_open:
            await self.open_settings(True)

    def mark(self) -> None:
        """Draw what is known to be wrong with chats: in the list, and in the open one."""
        self.list_chats()
        if self.chat is not None:
            rest = self._rest
            self._show_chat(self.chat)
            self._rest = rest

    def _show_chat(self, chat: OpenChat) -> None:
        if self.watch is not None:
            chat = replace(chat, warning=warning_of(self.watch.of(chat.id)))
        self.chat, self._rest = chat, None
        self.show(chat=chat)
        if not self._first_shown and chat.state in (ChatState.READY, ChatState.EMPTY):
            self._first_shown = True
            self.device.mark("first-chat-shown")
