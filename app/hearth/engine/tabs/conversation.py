"""What the tabs of one account say to each other, and what becomes of this one among them."""

from __future__ import annotations

from typing import assert_never

from hearth.core.records.schema import Collection
from hearth.core.sync.table import Signal
from hearth.core.tabs import messages as tab_messages
from hearth.engine.chats.fetcher import ChatFetcher
from hearth.engine.chats.older_lister import OlderChatsLister
from hearth.engine.chats.opener import ChatOpener
from hearth.engine.marks import Marks
from hearth.engine.queue_items import BecameLeader, HeartbeatDue, LostLeadership, RoleChange
from hearth.engine.search.controller import SearchController
from hearth.engine.sync.driver import SyncDriver
from hearth.engine.sync.integrity import IntegrityChecker
from hearth.engine.sync.refetch import Refetcher
from hearth.engine.sync.status_line import StatusLine
from hearth.engine.tabs.follower import Follower
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.controller import WritingController
from hearth.engine.writing.preferences_sync import PreferencesSync
from hearth.ports.storage import Store


class TabConversation:
    """The leader serves the tabs that follow; a follower takes what the leader says."""

    def __init__(
        self,
        store: Store,
        role: TabRole,
        driver: SyncDriver,
        follower: Follower,
        opener: ChatOpener,
        fetcher: ChatFetcher,
        older_lister: OlderChatsLister,
        integrity: IntegrityChecker,
        refetcher: Refetcher,
        preferences: PreferencesSync,
        search: SearchController,
        status: StatusLine,
        writing: WritingController,
        marks: Marks,
    ) -> None:
        self._store = store
        self._role = role
        self._driver = driver
        self._follower = follower
        self._opener = opener
        self._fetcher = fetcher
        self._older_lister = older_lister
        self._integrity = integrity
        self._refetcher = refetcher
        self._preferences = preferences
        self._search = search
        self._status = status
        self._writing = writing
        self._marks = marks

    async def take_role_change(self, change: RoleChange) -> None:
        """Take what becomes of this tab among the tabs of the account."""
        if change.role is not self._role:
            return  # It is about an earlier session.
        match change:
            case BecameLeader():
                await self._lead()
            case LostLeadership():
                self._role.follow()
                await self._driver.step(Signal.STOP)
                await self._follower.reread()
            case HeartbeatDue():
                self._role.ask()
            case _:
                assert_never(change)

    async def _lead(self) -> None:
        """The tab that this one followed has gone: connect from where the device stands."""
        unreported = self._role.lead()
        self._driver.stand(await self._store.sync_state())
        await self._writing.lead()
        await self._driver.step(Signal.START)
        await self._follower.reread()
        if unreported is not None:
            await self._opener.note(unreported)

    async def heard(self, said: tab_messages.Said) -> None:
        """Take what another tab of the account said."""
        if self._role.is_leader:
            await self._serve(said)
        else:
            await self._follow(said)

    async def _serve(self, said: tab_messages.Said) -> None:
        match said:
            case tab_messages.Ask():
                self._status.show()
            case tab_messages.OpenedElsewhere(chat_id=chat_id):
                await self._opener.note_elsewhere(chat_id)
                await self._writing.chat_opened(chat_id)
            case tab_messages.Unreadable(collection=Collection.CHATS, record_id=chat_id) if self._integrity.of(chat_id):
                self._integrity.fetch_again(chat_id)
            case tab_messages.Unreadable(collection=Collection.CHATS, record_id=chat_id) if self._fetcher.lacks(
                chat_id
            ):
                await self._fetcher.fetch(chat_id)
            case tab_messages.OutboxChanged():
                await self._writing.heard()
            case tab_messages.OlderWanted():
                self._older_lister.list_more()
            case tab_messages.Unreadable(collection=collection, record_id=record_id):
                self._refetcher.note(collection, record_id)
            case _:
                pass  # Said to the tabs that follow.

    async def _follow(self, said: tab_messages.Said) -> None:
        match said:
            case tab_messages.LeaderStatus():
                self._role.heard()
                self._role.answered()
                self._writing.leader_stands(current=said.current)
                await self._follower.standing(said)
                self._search.index_if_ready()
                if said.current:
                    self._role.tell_opened_again()
                    self._fetcher.ask_again()
                    self._older_lister.ask_again()
                    self._marks.reached("up-to-date")
            case tab_messages.Stored():
                self._role.heard()
                await self._stored(said)
            case tab_messages.OpeningRecorded(chat_id=chat_id):
                self._role.heard()
                self._role.noted(chat_id)
            case tab_messages.OutboxChanged():
                await self._writing.heard()
            case tab_messages.NotFound(chat_id=chat_id):
                await self._fetcher.not_found(chat_id)
            case _:
                pass  # Said to the leader.

    async def _stored(self, said: tab_messages.Stored) -> None:
        self._integrity.restore(await self._store.sync_state())
        await self._follower.stored(said)
        await self._writing.stored_elsewhere()
        if Collection.SETTINGS_AND_MEMORIES in said.collections:
            await self._preferences.reread()
        first = await self._follower.first_choice()
        if first:
            await self._opener.open(first)
        self._refetcher.ask()
