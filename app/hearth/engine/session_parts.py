"""What a session is made of, put together."""

from __future__ import annotations

from hearth.core.records.schema import Collection
from hearth.core.settings import schema
from hearth.core.settings.preferences import Preferences
from hearth.core.sync.machine import CONNECTED, State, SyncMachine
from hearth.engine.chats.controller import ChatController, Show
from hearth.engine.chats.opener import ChatOpener
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.queue_items import ContinueChecks, Post
from hearth.engine.search.controller import SearchController
from hearth.engine.settings.preferences_sync import PreferencesSync
from hearth.engine.storage.eviction import Room
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.ingest import FrameIngest
from hearth.engine.sync.integrity import IntegrityChecker
from hearth.engine.sync.refetch import Refetcher
from hearth.engine.tabs.roles import TabRole
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store, SyncState


class Parts:
    """The parts of one session, each with what it needs of the others.

    A session that is `alone`, because its store is in memory, shares nothing with other tabs.
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
        self.connection = Connection(device, account, post)
        self.role = TabRole(device, account, post, alone)
        self.store = Room(store, lambda: self.opener.opened, lambda: self.role.is_leader, self._gave_place)
        self.repository = self.store.repository = ChatRepository(self.store, keyring)
        self.ingest = FrameIngest(self.store, self.repository)
        self.integrity = IntegrityChecker(
            self.store, keyring, self.repository, self.connection.send, lambda: post(ContinueChecks())
        )
        self.controller = ChatController(device, self.repository, show, self.integrity)
        self.opener = ChatOpener(
            device,
            self.store,
            self.repository,
            self.controller,
            self.ingest,
            self.connection,
            self.role,
            post,
            lambda: self.machine.state in CONNECTED,
        )
        self.preferences = PreferencesSync(account, self.store, keyring, self.connection.send, self._preferred)
        self.search = SearchController(
            device,
            self.repository,
            keyring,
            self.store.search_index,
            show,
            lambda: self.role.is_leader and not self.store.full,
            lambda: self.preferences.now.choices,
        )
        self.controller.stored = self.search.indexer.changed
        self.refetcher = Refetcher(self.repository, self.connection, self.role, lambda: self.current)

    @property
    def current(self) -> bool:
        """Whether the device is up to date, as far as the server has told."""
        return self.machine.state is State.CURRENT

    def stand(self, state: SyncState) -> None:
        """Take over where the device stands."""
        self.ingest.stand(state)
        self.integrity.restore(state)
        self.opener.last_opened.settled(state.last_opened)

    def index_if_warm(self) -> None:
        """Nothing of a warming waits for search: the index is built when all is here, or nothing more can come."""
        if self.repository.warmed or self.machine.state is State.WAITING:
            self.search.indexer.start()

    async def entries_stored(self) -> None:
        """Entries of apps were stored, and Hearth's own may be among them."""
        await self.preferences.reread()
        await self.push_preferences()

    async def push_preferences(self) -> None:
        """Send what is wished, if it is for this tab to send and the server can hear it."""
        if self.role.is_leader and self.current:
            await self.preferences.push()

    def _gave_place(self, chats: set[str]) -> None:
        """These chats had to make room: search and the other tabs know them in part only."""
        self.ingest.moved()
        self.search.indexer.changed(chats)
        self.role.tell_stored(chats, (), {Collection.CHATS}, again=False)

    def _preferred(self, preferences: Preferences) -> None:
        """Other preferences hold now."""
        self.search.indexer.hide(preferences.hidden)
        if preferences.of(schema.RECENT) == "never":
            self.search.forget()
        self.show(preferences=preferences)
