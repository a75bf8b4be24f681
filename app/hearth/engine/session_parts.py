"""What a visit is made of, put together."""

from __future__ import annotations

from hearth.core.records.schema import Collection
from hearth.core.settings import schema
from hearth.core.settings.preferences import Preferences
from hearth.core.sync.machine import CONNECTED, State, SyncMachine
from hearth.engine.chats.controller import Reading, Show
from hearth.engine.chats.opener import Opening
from hearth.engine.chats.repository import Library
from hearth.engine.queue_items import CheckMore, Post
from hearth.engine.search.controller import Searching
from hearth.engine.settings.preferences_sync import PreferencesKeeper
from hearth.engine.storage.eviction import Room
from hearth.engine.sync.connection import Link
from hearth.engine.sync.ingest import Intake
from hearth.engine.sync.integrity import Integrity
from hearth.engine.sync.refetch import Refetching
from hearth.engine.tabs.roles import Company
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store, SyncState


class Parts:
    """The parts of one visit, each with what it needs of the others.

    A visit that is `alone`, because its store is in memory, shares nothing with other tabs.
    """

    def __init__(
        self, device: Device, account: str, store: Store, keyring: Keyring, post: Post, show: Show, *, alone: bool
    ) -> None:
        self.device = device
        self.account = account
        self.keyring = keyring
        self.post = post
        self.show = show
        self.machine = SyncMachine()
        self.link = Link(device, account, post)
        self.company = Company(device, account, post, alone)
        self.store = Room(store, lambda: self.opening.opened, lambda: self.company.owns, self._gave_place)
        self.library = self.store.library = Library(self.store, keyring)
        self.intake = Intake(self.store, self.library)
        self.integrity = Integrity(self.store, keyring, self.library, self.link.send, lambda: post(CheckMore()))
        self.reading = Reading(device, self.library, show, self.integrity)
        self.opening = Opening(
            device,
            self.store,
            self.library,
            self.reading,
            self.intake,
            self.link,
            self.company,
            post,
            lambda: self.machine.state in CONNECTED,
        )
        self.preferences = PreferencesKeeper(account, self.store, keyring, self.link.send, self._preferred)
        self.searching = Searching(
            device,
            self.library,
            keyring,
            self.store.shelf,
            show,
            lambda: self.company.owns and not self.store.full,
            lambda: self.preferences.now.choices,
        )
        self.reading.stored = self.searching.indexer.changed
        self.refetching = Refetching(self.library, self.link, self.company, lambda: self.current)

    @property
    def current(self) -> bool:
        """Whether the device is up to date, as far as the server has told."""
        return self.machine.state is State.CURRENT

    def stand(self, state: SyncState) -> None:
        """Take over where the device stands."""
        self.intake.stand(state)
        self.integrity.restore(state)
        self.opening.last_opened.settled(state.last_opened)

    def index_if_warm(self) -> None:
        """Nothing of a warming waits for search: the index is built when all is here, or nothing more can come."""
        if self.library.warmed or self.machine.state is State.WAITING:
            self.searching.indexer.start()

    async def entries_stored(self) -> None:
        """Entries of apps were stored, and Hearth's own may be among them."""
        await self.preferences.reread()
        await self.push_preferences()

    async def push_preferences(self) -> None:
        """Send what is wished, if it is for this tab to send and the server can hear it."""
        if self.company.owns and self.current:
            await self.preferences.push()

    def _gave_place(self, chats: set[str]) -> None:
        """These chats had to make room: search and the other tabs know them in part only."""
        self.intake.moved()
        self.searching.indexer.changed(chats)
        self.company.tell_stored(chats, (), {Collection.CHATS}, again=False)

    def _preferred(self, preferences: Preferences) -> None:
        """Other preferences hold now."""
        self.searching.indexer.hide(preferences.hidden)
        if preferences.of(schema.RECENT) == "never":
            self.searching.forget()
        self.show(preferences=preferences)
