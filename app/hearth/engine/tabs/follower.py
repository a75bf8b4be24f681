"""A tab that follows: it reads the store again when the leader has written to it, and shows the leader's status."""

from __future__ import annotations

from hearth.core.records.schema import Collection
from hearth.core.tabs.messages import LeaderStatus, Stored
from hearth.core.view.screen import Status
from hearth.engine.chats.controller import ChatController, Show
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.indexer import Indexer
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.ports.storage import Store


class Follower:
    """Keeps what is in memory and on screen in step with what the leader writes."""

    def __init__(
        self,
        store: Store,
        repository: ChatRepository,
        entries: EntryRepository,
        open_chats: OpenChats,
        controller: ChatController,
        indexer: Indexer,
        show: Show,
    ) -> None:
        self._store = store
        self._repository = repository
        self._entries = entries
        self._open_chats = open_chats
        self._controller = controller
        self._indexer = indexer
        self._show = show

    async def standing(self, said: LeaderStatus) -> None:
        """Show what the leader's status line says; once all is here, a chat that is waited for is, or never comes."""
        self._repository.warmed = self._repository.warmed or said.warmed
        progress = None if said.done is None or said.total is None else (said.done, said.total)
        self._show(status=Status(said.sentence, said.tone, progress, said.differs), synced=self._repository.warmed)
        if said.warmed:
            await self._controller.refresh(set(), set(), set())

    async def stored(self, said: Stored) -> None:
        """Bring the list, the open chat and the settings in step with what the leader has written."""
        self._repository.complete |= set(said.complete)
        state = await self._store.sync_state()
        self._repository.partial = set(state.partial)
        await self._repository.reread(said.chats)
        self._repository.older_chats = state.older
        if Collection.CHATS in said.collections:
            self._repository.listing_older = False
        if Collection.SETTINGS_AND_MEMORIES in said.collections:
            self._entries.invalidate()
            self._controller.settings_here = True
        changed, complete = set(said.chats), set(said.complete)
        if said.again and self._open_chats.chosen:
            changed.add(self._open_chats.chosen)
        self._indexer.changed(changed | complete, Collection.SETTINGS_AND_MEMORIES in said.collections)
        await self._controller.refresh(changed, complete, set(said.collections))

    async def reread(self) -> None:
        """Bring everything in step: what the last leader wrote at its end it may not have announced."""
        self._entries.invalidate()
        await self._repository.reread()
        chosen = {self._open_chats.chosen} if self._open_chats.chosen else set()
        self._indexer.changed(chosen, entries=True)
        await self._controller.refresh(chosen, set(), set(Collection))

    async def first_choice(self) -> str | None:
        """The chat to show when none is: the one opened last, if it is here."""
        if self._open_chats.chosen is not None or self._open_chats.by_hand:
            return None
        last = (await self._store.sync_state()).last_opened
        return last if last in self._repository.chats else None
