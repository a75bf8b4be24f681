"""What one signed-in session is made of: put together here, from top to bottom."""

from __future__ import annotations

from hearth.core.settings.preferences import Preferences, Wishes
from hearth.core.sync.machine import SyncMachine
from hearth.core.sync.server_clock import ServerClock
from hearth.engine.account.devices import DeviceList
from hearth.engine.assistant.board import AnswerBoard
from hearth.engine.assistant.controller import AssistantController
from hearth.engine.assistant.keeper import AnswerKeeper
from hearth.engine.chats.controller import ChatController, Show
from hearth.engine.chats.fetcher import ChatFetcher
from hearth.engine.chats.older_lister import OlderChatsLister
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.opener import ChatOpener
from hearth.engine.chats.printer import ChatPrinter
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.chats.unread import UnreadCounts
from hearth.engine.clock_watch import ClockWatch
from hearth.engine.drawing import Together
from hearth.engine.marks import Marks
from hearth.engine.queue_items import (
    EverythingSent,
    Post,
)
from hearth.engine.search.controller import SearchController
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.settings.manifest_record import ManifestRecord
from hearth.engine.settings.preferences_record import ActivePreferences, PreferencesRecord
from hearth.engine.settings.ways_watch import WaysWatch
from hearth.engine.storage.eviction import EvictingWriter
from hearth.engine.storage.view_keeper import ViewKeeper
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.driver import SyncDriver
from hearth.engine.sync.ingest import FrameIngest
from hearth.engine.sync.integrity import IntegrityChecker
from hearth.engine.sync.propagation import Propagation
from hearth.engine.sync.refetch import Refetcher
from hearth.engine.sync.status_line import StatusLine
from hearth.engine.tabs.closing_watch import ClosingWatch
from hearth.engine.tabs.conversation import TabConversation
from hearth.engine.tabs.follower import Follower
from hearth.engine.tabs.role import TabRole
from hearth.engine.transfer.controller import TransferController
from hearth.engine.transfer.tools import TransferTools
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.controller import WritingController
from hearth.engine.writing.manifest_writer import ManifestWriter
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.preferences_sync import PreferencesSync
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.spent_versions import SpentVersions
from hearth.engine.writing.text_limit import TextLimit
from hearth.engine.writing.unsent_texts import UnsentTexts
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store


class SessionParts:
    """The parts of one session, and what one of them has to tell the others.

    Of the tabs of an account one leads, with the connection and the writes; in the others the session follows it.
    `in_memory` says why the store does not last, if it does not: such a session is alone among the tabs.
    """

    def __init__(
        self,
        device: Device,
        account: str,
        store: Store,
        keyring: Keyring,
        post: Post,
        show: Show,
        together: Together,
        in_memory: str = "",
    ) -> None:
        self.device, self.account, self.store, self.keyring = device, account, store, keyring
        self.post, self.show, self._together = post, show, together
        self.machine = machine = SyncMachine()
        self.leaves_when_sent = False
        """Whether the person signs out as soon as everything is sent."""
        self.marks = marks = Marks(device)
        self.open_chats = open_chats = OpenChats()
        active = ActivePreferences()
        self.connection = connection = Connection(device, account, post)
        self.role = role = TabRole(device, account, post, alone=bool(in_memory))
        self.repository = repository = ChatRepository(store, keyring)
        self.entries = entries = EntryRepository(store, keyring, repository.unreadable)
        writer = EvictingWriter(store, repository, open_chats, lambda: role.is_leader, post)
        self.ingest = ingest = FrameIngest(store, writer, repository, entries)
        manifest_record = ManifestRecord(store, keyring, entries)
        self.integrity = integrity = IntegrityChecker(
            store, writer, keyring, repository, manifest_record, connection, post
        )
        self.outbox = outbox = Outbox(store, writer, keyring, lambda: role.is_leader, self._outbox_changed)
        self.unread = unread = UnreadCounts(store, keyring, writer.keep, lambda: role.is_leader)
        board = AnswerBoard()
        view = OutboxView(device, repository, machine, outbox, unread, board)
        self.controller = controller = ChatController(
            device, repository, entries, open_chats, integrity, view, show, together
        )
        self.opener = opener = ChatOpener(
            device, writer, repository, controller, open_chats, ingest, connection, role, machine, post
        )
        self.printer = ChatPrinter(repository, controller, opener, role, machine, show, post)
        self.search = search = SearchController(
            device, machine, repository, entries, keyring, store, writer, active, show
        )
        refetcher = Refetcher(repository, connection, role, machine)
        self.refetcher = refetcher
        self.fetcher = fetcher = ChatFetcher(repository, open_chats, controller, integrity, connection, role, machine)
        self.older_lister = older_lister = OlderChatsLister(repository, controller, connection, role, machine)
        server_clock = ServerClock()
        self.status = status = StatusLine(
            machine, connection, repository, ingest, integrity, writer, role, outbox, server_clock, show, in_memory
        )
        self.active = active
        self.ways_watch = WaysWatch(status.report)
        clock = WritingClock(device, server_clock)
        record = PreferencesRecord(account, keyring, entries, manifest_record)
        self.preferences = preferences = PreferencesSync(active, record, outbox, clock, self._preferences_changed)
        manifest = ManifestWriter(store, keyring, manifest_record)
        unsent = UnsentTexts(keyring, clock)
        self.spent = spent = SpentVersions(store, keyring, writer.keep)
        self.sender = sender = OutboxSender(
            store,
            keyring,
            outbox,
            view.drafts,
            manifest,
            record,
            connection,
            machine,
            role,
            clock,
            unsent,
            spent,
            post,
            held=lambda: integrity.rolled_back,
        )
        composer = ComposerController(device, store, keyring, view, post, show)
        self.limit = limit = TextLimit(store, keyring, writer.keep, lambda most: show(most_text_bytes=most))
        keeper = AnswerKeeper(store, keyring, outbox, role, clock)
        self.assistant = assistant = AssistantController(
            device, account, board, keeper, controller, view, sender, active, clock, limit, self.prefer, post
        )
        self.writing = writing = WritingController(
            device,
            store,
            keyring,
            repository,
            outbox,
            view,
            unread,
            composer,
            sender,
            controller,
            role,
            clock,
            limit,
            unsent,
            post,
            show,
            together,
            assistant.message_sent,
        )
        self.propagation = propagation = Propagation(
            repository, open_chats, controller, integrity, search.indexer, role, preferences, refetcher
        )
        self.devices = DeviceList(device, account, keyring, show)
        self.key_store = None if in_memory else device.key_store
        self.driver = driver = SyncDriver(
            device,
            account,
            self.key_store,
            machine,
            connection,
            ingest,
            propagation,
            integrity,
            open_chats,
            controller,
            opener,
            fetcher,
            older_lister,
            search,
            refetcher,
            status,
            role,
            outbox,
            sender,
            server_clock,
            limit,
            marks,
            post,
        )
        follower = Follower(store, repository, entries, open_chats, controller, search.indexer, show)
        self.tabs = TabConversation(
            store,
            role,
            driver,
            follower,
            opener,
            fetcher,
            older_lister,
            integrity,
            refetcher,
            preferences,
            search,
            status,
            writing,
            marks,
        )
        tools = TransferTools(
            device,
            account,
            store,
            keyring,
            repository,
            entries,
            outbox,
            view,
            manifest_record,
            clock,
            limit,
            writer.keep,
            self._want,
            self._own_changes,
            post,
            lambda transfer: show(transfer=transfer),
        )
        self.transfer = TransferController(tools)
        self.views = ViewKeeper(store, keyring)
        self.closing = ClosingWatch(device, account, bool(in_memory), lambda loses: show(loses_when_closed=loses))
        self.clock_watch = ClockWatch(device, post)

    async def _want(self, chat_id: str) -> None:
        """A chat is wanted on the device as a whole."""
        if chat_id in self.repository.chats:
            self.opener.want(chat_id)
        else:
            await self.fetcher.fetch(chat_id)

    def _own_changes(self) -> None:
        """The outbox is another: the page and the other tabs follow."""
        self.controller.redraw()
        self.role.tell_outbox()

    def _outbox_changed(self) -> None:
        self.views.forgotten()
        with self._together():
            self.show(unsent=self.outbox.unsent)
            self.closing.unsent(self.outbox.unsent)
            self.preferences.outbox_changed()
            self.transfer.outbox_changed()
            if self.role.is_leader:
                self.status.show()
        self.check_leaving()

    def _preferences_changed(self, preferences: Preferences) -> None:
        self.ways_watch.seen(preferences.ways)
        self.search.preferences_changed(preferences)
        self.show(preferences=preferences)

    def check_leaving(self) -> None:
        """Sign out now, if the person waits only for what is not sent."""
        if self.leaves_when_sent and not self.outbox.unsent:
            self.post(EverythingSent())

    async def prefer(self, wishes: Wishes) -> None:
        """Settings of Hearth's own hold at once, and the server comes to have them."""
        await self.preferences.wish(wishes)
        self.role.tell_outbox()
        await self.sender.push()
