"""After a frame is stored: the checks, the search index, the other tabs, the page and the preferences follow."""

from __future__ import annotations

from collections.abc import Set

from hearth.core.protocol.server_events import Changes, RecordsEvent, Refetched, Refused, SettingsAndMemoriesReady
from hearth.core.records.schema import Collection
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.indexer import Indexer
from hearth.engine.settings.entry_repository import ENTRIES
from hearth.engine.sync.ingest import Ingested
from hearth.engine.sync.integrity import IntegrityChecker
from hearth.engine.sync.refetch import Refetcher
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.preferences_sync import PreferencesSync
from hearth.ports.records import Frame


class Propagation:
    """What a stored frame changes beyond the store and the repositories."""

    def __init__(
        self,
        repository: ChatRepository,
        open_chats: OpenChats,
        controller: ChatController,
        integrity: IntegrityChecker,
        indexer: Indexer,
        role: TabRole,
        preferences: PreferencesSync,
        refetcher: Refetcher,
    ) -> None:
        self._repository = repository
        self._open_chats = open_chats
        self._controller = controller
        self._integrity = integrity
        self._indexer = indexer
        self._role = role
        self._preferences = preferences
        self._refetcher = refetcher

    async def stored(
        self, frame: Frame, event: RecordsEvent, ingested: Ingested, drawn: Set[str] = frozenset()
    ) -> None:
        """Bring everything in step with a frame that was stored; the chats that are `drawn` show it already."""
        self._repository.complete |= ingested.complete.keys()
        pushed = isinstance(event, Changes)
        self._integrity.take(ingested, pushed=pushed)
        changed, complete, collections = set(ingested.changed), set(ingested.complete), set(frame.records)
        if isinstance(event, SettingsAndMemoriesReady):
            self._controller.settings_here = True
            collections.add(ENTRIES)
        # Messages without their chat's own record may belong to the open chat, too.
        again = isinstance(event, Refetched | Refused) or (pushed and event.batch > 1)
        if again and self._open_chats.chosen:
            changed.add(self._open_chats.chosen)
        self._role.tell_stored(changed, complete, collections, again)
        self._indexer.changed(changed | complete, ENTRIES in collections)
        await self._controller.refresh(changed - drawn, complete - drawn, collections)
        if ENTRIES in collections:
            await self._preferences.reread()
        self._refetcher.ask()

    def evicted(self, chats: set[str]) -> None:
        """Chats were evicted: search and the other tabs know them in part only."""
        self._indexer.changed(chats)
        self._controller.count_chats()
        self._role.tell_stored(chats, (), {Collection.CHATS}, again=False)
