"""One signed-in session of an account: composed here, from its start to its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import assert_never

from hearth.core.records.schema import Collection
from hearth.core.settings.preferences import Preferences, Wishes, wish_hidden, wish_ways
from hearth.core.sync.machine import SyncMachine
from hearth.core.sync.server_clock import ServerClock
from hearth.core.sync.table import Signal, State
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
from hearth.engine.chats.repository import END_MESSAGES, ChatRepository
from hearth.engine.chats.unread import UnreadCounts
from hearth.engine.clock_watch import ClockWatch
from hearth.engine.eager_task import EagerTask
from hearth.engine.intents.account import EndDevice, SignOutWhenSent, StaySignedIn
from hearth.engine.intents.chats import (
    Choose,
    CloseChat,
    FetchAgain,
    Hide,
    ListOlderChats,
    OpenChat,
    PrintChat,
    ShowNewer,
    ShowOlder,
    ShowSettings,
)
from hearth.engine.intents.intent import SessionIntent
from hearth.engine.intents.transfer import TransferIntent
from hearth.engine.intents.writing import AssistantIntent, WritingIntent
from hearth.engine.marks import Marks
from hearth.engine.queue_items import (
    AnswerDue,
    BecameLeader,
    ChatsEvicted,
    ChatShown,
    ClockChanged,
    CompletePage,
    ConnectionEvent,
    ContinueChecks,
    ContinuePrinting,
    DraftDue,
    EverythingSent,
    FrameReceived,
    HeartbeatDue,
    KeepView,
    LearnDrafts,
    LostLeadership,
    OutboxDue,
    Post,
    QuestionDue,
    SessionItem,
    SessionOver,
    StorageLost,
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
from hearth.engine.transfer.import_log import IMPORTED
from hearth.engine.transfer.tools import TransferTools
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.controller import WritingController
from hearth.engine.writing.manifest_writer import ManifestWriter
from hearth.engine.writing.outbox import PARCEL, Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.preferences_sync import WISHES, PreferencesSync
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.text_limit import LIMIT, TextLimit
from hearth.engine.writing.unsent_texts import UnsentTexts
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.records import Frame
from hearth.ports.storage import Batch, InitialData, Store

REMOVED_BY_TAB = "Another tab had removed the chats that Hearth stored; they are fetched again."
EVICTED = "This browser had removed the chats that Hearth stored; they are fetched again."


class Session:
    """Store, keys, connection and what is read, for as long as the person is signed in.

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
        in_memory: str = "",
    ) -> None:
        self._device, self._account, self._store, self._keyring = device, account, store, keyring
        self._post, self._show = post, show
        self._machine = machine = SyncMachine()
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
        self._leaves_when_sent = False
        """Whether the person signs out as soon as everything is sent."""
        self._unread = unread = UnreadCounts(store, keyring, writer.keep, lambda: role.is_leader)
        board = AnswerBoard()
        view = OutboxView(device, repository, machine, outbox, unread, board)
        self.controller = controller = ChatController(device, repository, entries, open_chats, integrity, view, show)
        self.opener = opener = ChatOpener(
            device, writer, repository, controller, open_chats, ingest, connection, role, machine, post
        )
        self._printer = ChatPrinter(repository, controller, opener, role, machine, show, post)
        self.search = search = SearchController(
            device, machine, repository, entries, keyring, store.search_index, writer, active, show
        )
        refetcher = Refetcher(repository, connection, role, machine)
        self._refetcher = refetcher
        self.fetcher = fetcher = ChatFetcher(repository, open_chats, controller, integrity, connection, role, machine)
        self._older_lister = older_lister = OlderChatsLister(repository, controller, connection, role, machine)
        server_clock = ServerClock()
        self.status = status = StatusLine(
            machine, connection, repository, ingest, integrity, writer, role, outbox, server_clock, show, in_memory
        )
        self._active = active
        self._ways_watch = WaysWatch(status.report)
        clock = WritingClock(device, server_clock)
        record = PreferencesRecord(account, keyring, entries, manifest_record)
        self.preferences = preferences = PreferencesSync(active, record, outbox, clock, self._preferences_changed)
        manifest = ManifestWriter(store, keyring, manifest_record)
        unsent = UnsentTexts(keyring, clock)
        self._sender = sender = OutboxSender(
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
            post,
            held=lambda: integrity.rolled_back,
        )
        composer = ComposerController(device, store, keyring, view, post, show)
        self._limit = limit = TextLimit(store, keyring, writer.keep, lambda most: show(most_text_bytes=most))
        keeper = AnswerKeeper(store, keyring, outbox, role, clock)
        self.assistant = assistant = AssistantController(
            device, account, board, keeper, controller, view, sender, active, clock, limit, self._prefer, post
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
            assistant.message_sent,
        )
        self._propagation = propagation = Propagation(
            repository, open_chats, controller, integrity, search.indexer, role, preferences, refetcher
        )
        self.devices = DeviceList(device, account, keyring, show)
        self._key_store = None if in_memory else device.key_store
        self.driver = driver = SyncDriver(
            device,
            account,
            self._key_store,
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
        self._views = ViewKeeper(store, keyring)
        self._closing = ClosingWatch(device, account, bool(in_memory), lambda loses: show(loses_when_closed=loses))
        self._initial: EagerTask[InitialData] | None = None
        self._showed: str | None = None
        self._checks_wait = False
        self._led_from_start = False
        """Whether no other tab was there when this session began."""
        self._clock_watch = ClockWatch(device, post)

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
        self._views.forgotten()
        self._show(unsent=self.outbox.unsent)
        self._closing.unsent(self.outbox.unsent)
        self.preferences.outbox_changed()
        self.transfer.outbox_changed()
        if self.role.is_leader:
            self.status.show()
        self._check_leaving()

    def _check_leaving(self) -> None:
        """Sign out now, if the person waits only for what is not sent."""
        if self._leaves_when_sent and not self.outbox.unsent:
            self._post(EverythingSent())

    @property
    def noted_ways(self) -> frozenset[str]:
        """The ways into the account that its devices noted; none, if they noted nothing."""
        return self._active.now.ways

    async def note_ways(self, ways: frozenset[str]) -> None:
        """Note the ways into the account as this device has just changed them."""
        self._ways_watch.note_own(ways)
        await self._prefer(wish_ways(ways))

    def _preferences_changed(self, preferences: Preferences) -> None:
        self._ways_watch.seen(preferences.ways)
        self.search.preferences_changed(preferences)
        self._show(preferences=preferences)

    # --- beginning and end ---

    async def start(self, showed: str | None) -> None:
        """Begin to read what is here; begin to sync, or to follow the tab that does.

        `showed` is the chat that this tab showed before a reload: it comes first if it is still here. Which chat was
        opened last is written down a moment after it is shown, and says nothing of several tabs.
        """
        self._showed = showed
        self._initial = EagerTask(self._load(showed))
        self._clock_watch.start()
        self._led_from_start = await self.role.join()
        if self._led_from_start:
            await self.driver.step(Signal.START)

    async def _load(self, showed: str | None) -> InitialData:
        return await self._store.load_initial(self.open_chats.chosen or showed, END_MESSAGES, WISHES)

    async def restore(self, if_empty: str = EVICTED, drafts_first: bool = False) -> None:
        """Show what is on the device, the last chat first, before anything that the network brings.

        `if_empty` says what became of what had been stored. `drafts_first` lists the chats with their drafts at once:
        nobody waits for the list, as a view of it is on screen.
        """
        repository, controller = self.repository, self.controller
        initial = await (self._initial or EagerTask(self._load(None))).result()
        self._initial = None
        self.driver.stand(initial.state)
        await self.outbox.load(initial.outbox)
        await self.assistant.adopt(at_once=self._led_from_start)
        is_new = initial.state.cursor is None
        controller.settings_here = not is_new
        if is_new and self._key_store is not None and self._key_store.had_stored(self._account):
            self.status.storage_note = if_empty
        if self.open_chats.chosen is None and self._showed and self.outbox.creates(self._showed):
            await self.opener.open(self._showed)
        for chat_id in await repository.learn(initial.first):
            if self.open_chats.chosen in (None, chat_id):
                await self.opener.open(chat_id, source=initial.messages)
        others, _ = await asyncio.gather(initial.others(), self._unread.load())
        if LIMIT in others.names:  # which few servers make a device keep
            await self._limit.load()
        if IMPORTED in others.names:
            await self.transfer.load()
        if repository.warmed:
            self.search.indexer.begin(others.names)
        await repository.learn(others.chats)
        if drafts_first:
            await self.writing.learn_drafts()
        controller.list_chats()
        if self.open_chats.chosen is None and repository.warmed:
            await self.opener.by_itself()
        self._show(restored=True)
        await self.entries.load(others.entries, new=is_new and not len(others.entries))
        await self.preferences.begin()
        if self.repository.warmed:  # else what comes now is no change
            self._ways_watch.begin(self.noted_ways)
        await self.preferences.take_kept(others.kept, self._store, self._keyring)
        await self._follow()
        self.search.index_if_ready()
        self._post(LearnDrafts())

    async def start_over(self) -> bool:
        """Stop, and remove what came from the server; what the person wrote stays, to follow on what comes anew.

        False in a tab that follows: the one that leads has been told to do it.
        """
        if not self.role.is_leader:
            self.role.tell_take_over()
            return False
        self._stop()
        await self._store.apply(Batch(outbox={PARCEL: None}))
        await self._store.start_over()
        self.role.tell_started_over()
        return True

    async def end(self) -> None:
        """Stop everything that belongs to this session and forget its keys."""
        self._stop()
        await self.search.stop()
        self._keyring.drop()
        self.entries.invalidate()
        await self._store.close()
        self.role.leave()

    def drop(self) -> None:
        """End at once, where nothing can be waited for: the page is being put away."""
        self._stop()
        self.search.drop()
        self._keyring.drop()
        self.entries.invalidate()
        self.role.leave()
        closing = self._store.close()
        with suppress(StopIteration):
            closing.send(None)  # As far as it gets without waiting: a database closes by itself when it is idle.
        closing.close()

    def _stop(self) -> None:
        self._machine.step(Signal.STOP)
        self.assistant.stop()
        self.devices.stop()
        self.transfer.stop()
        self.writing.stop()
        self._closing.stop()
        self._clock_watch.stop()
        self.opener.last_opened.stop()
        self.connection.disconnect()

    # --- out of the queue ---

    async def take(self, item: SessionItem) -> None:
        """Take what the network, the tabs or the storage posted."""
        match item:
            case FrameReceived(frame):
                await self._take_frame(frame)
            case ConnectionEvent():
                await self.driver.take_event(item)
            case CompletePage() | ContinuePrinting():
                await self._show_more(item)
            case ChatShown(chat_id):
                await self._chat_shown(chat_id)
            case ContinueChecks():
                await self._continue_checks()
            case ChatsEvicted(chats):
                self.ingest.evicted()
                self._propagation.evicted(set(chats))
            case ClockChanged():
                self.controller.redate()
                self.search.redate()
                self.driver.ask_time()
            case BecameLeader() | LostLeadership() | HeartbeatDue():
                await self.tabs.take_role_change(item)
            case LearnDrafts() | KeepView():
                await self._take_idle(item)
            case DraftDue() | OutboxDue() | QuestionDue() | AnswerDue():
                await self._take_due(item)
            case SessionOver() | StorageLost() | EverythingSent():
                pass  # The engine ends the session, or begins a new one.
            case _:
                assert_never(item)
        await self._show_box(item)

    async def _take_frame(self, frame: Frame) -> None:
        await self.driver.take_frame(frame)
        if self._machine.current:
            self.devices.synced()

    async def _show_more(self, item: CompletePage | ContinuePrinting) -> None:
        """More of the open chat is wanted than is shown: the rest of its first page, or all of it to print it."""
        if isinstance(item, CompletePage):
            self.controller.complete()
        else:
            await self._printer.step()

    async def _take_idle(self, item: LearnDrafts | KeepView) -> None:
        """Nothing else is to be done."""
        if isinstance(item, KeepView):
            await self._views.keep(item.build, item.content)
        else:
            await self.writing.learn_drafts()

    async def _take_due(self, item: DraftDue | OutboxDue | QuestionDue | AnswerDue) -> None:
        if isinstance(item, QuestionDue | AnswerDue):
            await self.assistant.take(item)
            return
        if isinstance(item, OutboxDue):
            await self.assistant.adopt()
        await self.writing.take_due(item)

    async def _show_box(self, item: SessionItem) -> None:
        """What is written in follows the open chat, and what was stored."""
        await self._follow()
        if isinstance(item, FrameReceived):
            await self.writing.stored(item.frame)

    async def do(self, intent: SessionIntent) -> None:
        """Do what the person asked for."""
        match intent:
            case OpenChat():
                await self.opener.by_hand(intent)
            case FetchAgain(chat_id):
                await self._fetch_again(chat_id)
            case PrintChat(chat_id):
                self._printer.begin(chat_id)
            case CloseChat():
                self.controller.close()
            case ShowOlder():
                await self.controller.older()
            case ShowNewer():
                await self.controller.newer()
            case ListOlderChats():
                self._older_lister.list_more()
            case ShowSettings(opened, place):
                await self.controller.open_settings(opened, place)
                self.devices.watch(opened)
            case Choose() | Hide() | EndDevice():
                await self._choose(intent)
            case SignOutWhenSent() | StaySignedIn():
                self._leaves_when_sent = isinstance(intent, SignOutWhenSent)
                self._show(leaving=False)
                self._check_leaving()
            case _:
                await self._hand_on(intent)
        await self._follow()

    async def _hand_on(self, intent: AssistantIntent | TransferIntent | WritingIntent) -> None:
        """What a part of the session does by itself."""
        if isinstance(intent, AssistantIntent):
            await self.assistant.do(intent)
        elif isinstance(intent, TransferIntent):
            await self.transfer.do(intent)
        else:
            await self.writing.do(intent)

    async def _follow(self) -> None:
        """What is printed, what is written in and what the assistant is asked follow the open chat."""
        self._printer.follow()
        await self.writing.follow()
        self.assistant.follow()

    async def _choose(self, choice: Choose | Hide | EndDevice) -> None:
        if isinstance(choice, EndDevice):
            self.devices.end(choice.device)
        elif isinstance(choice, Choose):
            await self._prefer({choice.setting: choice.choice})
        else:
            await self._prefer(wish_hidden(choice.item, choice.hidden))

    async def _chat_shown(self, chat_id: str) -> None:
        """Record that the person opened a chat, here or through the tab that leads the account."""
        self.opener.shown()
        await self.writing.chat_opened(chat_id)
        if self.role.is_leader:
            await self.opener.note(chat_id)
        elif chat_id in self.repository.chats:
            self.role.tell_opened(chat_id)
        if chat_id not in self.repository.partial:  # Which is asked for as a whole.
            self.integrity.opened(chat_id)
        self._refetcher.ask()
        if self._checks_wait and not self.opener.awaited:
            self._checks_wait = False
            self._post(ContinueChecks())

    async def _continue_checks(self) -> None:
        """Check one thing more against the manifest, unless the person waits for a chat.

        Nor while a part of a change is here: the manifest comes with its last frame.
        """
        if self.opener.awaited or self._machine.state is State.CHANGING:
            self._checks_wait = True
            return
        if await self.integrity.check():
            self.controller.redraw()
            self.status.show()
            self.role.tell_stored((), (), {Collection.CHATS}, again=True)
        if self.integrity.done:
            self.marks.reached("checked")

    async def _fetch_again(self, chat_id: str) -> None:
        if chat_id not in self.repository.chats:
            await self.fetcher.fetch(chat_id)
        elif self.role.is_leader:
            self.integrity.fetch_again(chat_id)
        else:
            self.role.tell_unreadable(Collection.CHATS, chat_id)

    async def _prefer(self, wishes: Wishes) -> None:
        """Settings of Hearth's own hold at once, and the server comes to have them."""
        await self.preferences.wish(wishes)
        self.role.tell_outbox()
        await self._sender.push()
