"""One signed-in period of one account: carries out what the sync table asks for, and owns what must end with it."""

from __future__ import annotations

from contextlib import suppress

from app.ahead import Ahead
from app.core import events, tabs
from app.core.events import RecordsEvent
from app.core.model import Collection
from app.core.preferences import Preferences, Wishes
from app.core.search import catalogue
from app.core.status import status_of, with_storage
from app.core.sync import CONNECTED, SYNCING, Action, Signal, State, SyncMachine, signal_of
from app.core.viewmodel import Status, Tone
from app.intake import Intake, Taken
from app.integrity import Integrity
from app.intents import OpenChat
from app.library import END_MESSAGES, Library
from app.link import Happened, Link
from app.opening import Opening
from app.ports import Beginning, Device, Frame, Keyring, Store, SyncState
from app.posts import ChatOpened, CheckMore, FillPage, Post, SessionOver
from app.preferences import WISHES, PreferencesKeeper
from app.reading import Reading, Show
from app.refetching import Refetching
from app.room import Room, no_room
from app.search.searching import Searching
from app.tabs import AskDue, Company, Displaced, Following, Owned, Turn

OUT_OF_STEP = "The server sent less than it announced. Asking again for what is missing…"
STALLED = "Syncing has stalled. Trying again…"
EVICTED = "This browser had removed the chats that Hearth stored; they are fetched again."
NEWER_SERVER = "A newer version of Hearth is there. Reload the page to get it."


class Visit:
    """Store, keys, connection and what is read, for as long as the person is signed in.

    Of the tabs of an account one owns the connection and the writes; in the others, the visit follows it. A visit
    whose store is in memory shares nothing with other tabs: it is its own.
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
        self._device = device
        self._account = account
        self._post = post
        self._show = show
        self._keyring = keyring
        self._machine = SyncMachine()
        self._link = Link(device, account, post)
        self._company = Company(device, account, post, alone=bool(in_memory))
        self._store = Room(store, lambda: self._opening.opened, lambda: self._company.owns, self._gave_place)
        self._library = self._store.library = Library(self._store, keyring)
        self._intake = Intake(self._store, self._library)
        self._integrity = Integrity(self._store, keyring, self._library, self._link.send, lambda: post(CheckMore()))
        self.reading = Reading(device, self._library, show, self._integrity)
        self._opening = Opening(
            device,
            self._store,
            self._library,
            self.reading,
            self._intake,
            self._link,
            self._company,
            post,
            lambda: self._machine.state in CONNECTED,
        )
        self._preferences = PreferencesKeeper(account, self._store, keyring, self._link.send, self._preferred)
        self.searching = Searching(
            device,
            self._library,
            keyring,
            self._store.shelf,
            show,
            lambda: self._company.owns and not self._store.full,
            lambda: self._preferences.now.choices,
        )
        self.reading.stored = self.searching.indexer.changed
        self._following = Following(self._store, self._library, self.reading, show)
        self._refetching = Refetching(self._library, self._link, self._company, lambda: self._current)
        self._beginning: Ahead[Beginning] | None = None
        self._check_waits = False
        self._trouble = ""
        """What went wrong on the way; forgotten when the device is up to date again."""
        self._notice = ""
        """What stays true when it is: something was left out, or could not be stored."""
        self._lasting = not in_memory
        self._storage_note = in_memory
        """What is unusual about this device's storage, for as long as the visit lasts."""
        self._marked: set[str] = set()

    async def restore(self) -> None:
        """Show what is on the device, the last chat first, before anything that the network brings."""
        begin = await (self._beginning or Ahead(self._begin(None))).result()
        self._beginning = None
        self._stand(begin.state)
        self.reading.settings_here = begin.state.cursor is not None
        if self._lasting and begin.state.cursor is None and self._device.vault.had_stored(self._account):
            self._storage_note = EVICTED
        for chat_id in await self._library.learn(begin.first):
            if self.reading.chosen in (None, chat_id):
                await self._opening.open(chat_id, source=begin.messages)
        others = await begin.others()
        if self._library.warmed:
            self.searching.indexer.begin(others.names)
        await self._library.learn(others.chats)
        self.reading.list_chats()
        if self.reading.chosen is None and self._library.warmed:
            await self._opening.by_itself()
        await self._preferences.begin(others.kept, others.entries)
        self._index_if_warm()

    async def _begin(self, showed: str | None) -> Beginning:
        return await self._store.beginning(self.reading.chosen or showed, END_MESSAGES, WISHES)

    def _stand(self, state: SyncState) -> None:
        """Take over where the device stands."""
        self._intake.stand(state)
        self._integrity.restore(state)
        self._opening.last_opened.settled(state.last_opened)

    @property
    def _current(self) -> bool:
        """Whether the device is up to date, as far as the server has told."""
        return self._machine.state is State.CURRENT

    def _index_if_warm(self) -> None:
        """Nothing of a warming waits for search: the index is built when all is here, or nothing more can come."""
        if self._library.warmed or self._machine.state is State.WAITING:
            self.searching.indexer.start()

    async def happened(self, happened: Happened) -> None:
        """Take what happened to the connection."""
        if happened.signal in (Signal.STALLED, Signal.BAD_FRAME, Signal.BUSY):
            self._trouble = happened.detail or STALLED
        await self._step(happened.signal, None)
        self._index_if_warm()

    async def arrived(self, frame: Frame) -> None:
        """Take a frame."""
        event = frame.event
        if isinstance(event, events.ServerError):
            self._trouble = event.message
        if frame.refused:
            items = "item" if frame.refused == 1 else "items"
            self._notice = f"{frame.refused} {items} from the server could not be read and were left out."
        await self._step(signal_of(event), frame)

    async def start(self, showed: str | None) -> None:
        """Begin to read what is here; begin to sync, or to follow the tab that does.

        `showed` is the chat that this tab showed before a reload: it comes first if it is still here. Which chat was
        opened last is written down a moment after it is shown, and says nothing of several tabs.
        """
        self._beginning = Ahead(self._begin(showed))
        if await self._company.join():
            await self._step(Signal.START, None)

    async def turn(self, turn: Turn) -> None:
        """Take what becomes of this tab among the tabs of the account."""
        if turn.company is not self._company:
            return  # It is about an earlier visit.
        match turn:
            case Owned():
                await self._own()
            case Displaced():
                self._company.displaced()
                await self._step(Signal.STOP, None)
                await self._following.reread()
            case AskDue():
                self._company.ask()

    async def _own(self) -> None:
        """The tab that this one followed has gone: connect from where the device stands."""
        untold = self._company.own()
        self._stand(await self._store.sync_state())
        await self._step(Signal.START, None)
        await self._following.reread()
        if untold is not None:
            await self._opening.note(untold)

    async def heard(self, said: tabs.Said) -> None:
        """Take what another tab of the account said."""
        if self._company.owns:
            await self._serve_tab(said)
        else:
            await self._follow(said)

    async def _serve_tab(self, said: tabs.Said) -> None:
        match said:
            case tabs.Ask():
                self._show_status()
            case tabs.Opened(chat_id=chat_id):
                await self._opening.note_elsewhere(chat_id)
            case tabs.Unreadable(collection=Collection.CHATS, record_id=chat_id) if self._integrity.of(chat_id):
                self._integrity.fetch_again(chat_id)
            case tabs.Wished():
                await self._preferences.hear()
                if self._current:
                    await self._preferences.push()
            case tabs.Unreadable(collection=collection, record_id=record_id):
                self._refetching.note(collection, record_id)

    async def _follow(self, said: tabs.Said) -> None:
        if isinstance(said, tabs.Standing | tabs.Stored | tabs.Noted):
            self._company.heard()
        match said:
            case tabs.Standing():
                self._company.answered()
                self._following.standing(said)
                self._index_if_warm()
                if said.current:
                    self._company.tell_opened_again()
                    self._mark("up-to-date")
            case tabs.Stored():
                self._integrity.restore(await self._store.sync_state())
                await self._following.stored(said)
                if Collection.SETTINGS_AND_MEMORIES in said.collections:
                    await self._entries_stored()
                first = await self._following.first_choice()
                if first:
                    await self._opening.open(first)
                self._refetching.ask()
            case tabs.Noted(chat_id=chat_id):
                self._company.noted(chat_id)

    async def open_chat(self, chosen: OpenChat) -> None:
        """The person chose a chat, or a message of one."""
        await self._opening.by_hand(chosen)

    async def go_on(self, item: FillPage | ChatOpened) -> None:
        """Do what could wait until a chat was shown: the rest of its page first, then the notes about it."""
        if isinstance(item, FillPage):
            self.reading.complete()
            return
        self._opening.shown()
        await self._chat_opened(item.chat_id)
        if self._check_waits and not self._opening.awaited:
            self._check_waits = False
            self._post(CheckMore())

    async def _chat_opened(self, chat_id: str) -> None:
        """Write down that the person opened a chat, here or through the tab that owns the account."""
        if self._company.owns:
            await self._opening.note(chat_id)
        elif chat_id in self._library.chats:
            self._company.tell_opened(chat_id)
        if chat_id not in self._library.partial:  # Which is asked for as a whole.
            self._integrity.opened(chat_id)
        self._refetching.ask()

    async def check_more(self) -> None:
        """Hold one thing more against the manifest, unless the person waits for a chat.

        Nor while a part of a change is here: the manifest comes with its last frame.
        """
        if self._opening.awaited or self._machine.state is State.CHANGING:
            self._check_waits = True
            return
        if await self._integrity.check():
            self.reading.mark()
            self._show_status()
            self._company.tell_stored((), (), {Collection.CHATS}, again=True)
        if self._integrity.done:
            self._mark("checked")

    def fetch_again(self, chat_id: str) -> None:
        """The person wants a chat that is not as it should be fetched again."""
        if self._company.owns:
            self._integrity.fetch_again(chat_id)
        else:
            self._company.tell_unreadable(Collection.CHATS, chat_id)

    def _gave_place(self, chats: set[str]) -> None:
        """These chats had to make room: search and the other tabs know them in part only."""
        self._intake.moved()
        self.searching.indexer.changed(chats)
        self._company.tell_stored(chats, (), {Collection.CHATS}, again=False)

    async def prefer(self, wishes: Wishes) -> None:
        """The person chose settings of Hearth's own: they hold at once, and the server comes to have them."""
        await self._preferences.wish(wishes)
        if not self._company.owns:
            self._company.tell_wished()
        elif self._current:
            await self._preferences.push()

    def _preferred(self, preferences: Preferences) -> None:
        """Other preferences hold now."""
        self.searching.indexer.hide(preferences.hidden)
        if preferences.of(catalogue.RECENT) == "never":
            self.searching.forget()
        self._show(preferences=preferences)

    async def _entries_stored(self) -> None:
        """Entries of apps were stored, and Hearth's own may be among them."""
        await self._preferences.reread()
        if self._company.owns and self._current:
            await self._preferences.push()

    def report(self, sentence: str) -> None:
        """Show in the status line what could not be done."""
        self._notice = sentence
        if self._company.owns:
            self._show_status()
        else:
            self._show(status=Status(sentence, Tone.WARNING))

    def drop(self) -> None:
        """End at once, where nothing can be waited for: the page is being put away."""
        self._machine.step(Signal.STOP)
        self._opening.last_opened.stop()
        self._link.disconnect()
        self.searching.drop()
        self._keyring.drop()
        self._company.leave()
        closing = self._store.close()
        with suppress(StopIteration):
            closing.send(None)  # As far as it gets without waiting: a database closes by itself when it is idle.
        closing.close()

    async def end(self) -> None:
        """Stop everything that belongs to this visit and forget its keys."""
        self._machine.step(Signal.STOP)
        self._opening.last_opened.stop()
        self._link.disconnect()
        await self.searching.stop()
        self._keyring.drop()
        await self._store.close()
        self._company.leave()

    async def _step(self, signal: Signal, frame: Frame | None) -> None:
        before = self._machine.state
        for action in self._machine.step(signal).actions:
            await self._do(action, frame)
        if self._machine.state not in CONNECTED:
            self._integrity.pause()
        self._link.expect(self._machine.state in SYNCING)
        if self._machine.state is not before or frame is not None:
            self._show_status()

    async def _do(self, action: Action, frame: Frame | None) -> None:
        match action:
            case Action.CONNECT:
                self._link.connect()
            case Action.GREET:
                self._link.send(await self._intake.hello(self._device.device_id()))
            case Action.SHOW_FIRST if frame and isinstance(frame.event, events.FirstChatReady):
                await self._opening.first(frame, frame.event)
            case Action.STORE if frame and isinstance(frame.event, RecordsEvent):
                await self._store_frame(frame, frame.event)
            case Action.FINISH if frame and isinstance(frame.event, events.WarmingComplete):
                await self._finish(frame.event)
            case Action.APPLY | Action.APPLY_PART if frame and isinstance(frame.event, events.Changes):
                await self._apply(frame, frame.event)
            case Action.CONFIRM if self._current:
                self._confirm()
                self._preferences.connected()
                await self._preferences.push()
            case Action.DISCONNECT:
                self._link.disconnect()
            case Action.RETRY_LATER:
                self._link.retry_later()
            case Action.END_SESSION:
                self._post(SessionOver())
            case Action.ASK_RELOAD:
                self._trouble = NEWER_SERVER

    async def _store_frame(self, frame: Frame, event: RecordsEvent) -> None:
        await self._take_in(frame, event, await self._intake.store(frame, event))
        if event.batch == event.of:
            await self._phase_stored(event)
            if isinstance(event, events.Refetched):
                self._integrity.answered(event.collection, event.record_id)

    async def _phase_stored(self, event: RecordsEvent) -> None:
        if isinstance(event, events.SettingsAndMemoriesReady):
            self._mark("settings-stored")
        elif isinstance(event, events.RecentChatsReady):
            self._mark("recent-chats-stored")
            if self.reading.chosen is None and not self.reading.by_hand:
                await self._opening.by_itself()

    async def _apply(self, frame: Frame, event: events.Changes) -> None:
        taken = await self._intake.apply(frame, event)
        if taken is None:
            await self._step(Signal.LOST, None)
            return
        await self._take_in(frame, event, taken)
        if event.batch == event.of:
            self._link.send(events.Ack(stamp=event.stamp))

    async def _take_in(self, frame: Frame, event: RecordsEvent, taken: Taken) -> None:
        """Bring what is in memory and on the page in step with a frame that was stored."""
        changed, complete = taken.changed, taken.complete
        self._library.complete |= complete.keys()
        if isinstance(event, events.SettingsAndMemoriesReady):
            self.reading.settings_here = True
        collections = set(frame.records)
        if isinstance(event, events.SettingsAndMemoriesReady):
            collections.add(Collection.SETTINGS_AND_MEMORIES)
        # What the chat's own record does not come along with may belong to the open chat, too.
        again = isinstance(event, events.Refetched) or (isinstance(event, events.Changes) and event.batch > 1)
        if again and self.reading.chosen:
            changed.add(self.reading.chosen)
        older = await self._integrity.take(frame.records, changed, complete)
        if older is not None:
            self._integrity.judge_offer(older, pushed=isinstance(event, events.Changes))
        self._company.tell_stored(changed, complete, collections, again)
        await self.reading.refresh(changed, set(complete), collections)
        if Collection.SETTINGS_AND_MEMORIES in collections:
            await self._entries_stored()
        self._refetching.ask()

    async def _finish(self, event: events.WarmingComplete) -> None:
        if not await self._intake.finish(event):
            self._trouble = OUT_OF_STEP
            await self._step(Signal.STALLED, None)
            return
        self._link.send(events.Ack(stamp=event.stamp))
        if self._lasting:
            self._device.vault.note_stored(self._account)
        self._mark("warm")
        await self.reading.refresh(set(), set(), set())
        self._index_if_warm()

    def _confirm(self) -> None:
        self._link.succeeded()
        self._trouble = ""
        self._opening.confirmed()
        self._refetching.ask()
        self._mark("up-to-date")
        self._integrity.confirmed()

    def _show_status(self) -> None:
        stored, warmed = self._library.stored, self._library.warmed
        trouble = self._trouble or self._integrity.summary or self._notice
        status = status_of(self._machine.state, stored, self._intake.total, trouble, warmed)
        note = no_room(stored) if self._store.wanting else self._storage_note
        status = with_storage(status, note)
        self._show(status=status)
        self._company.tell_standing(status, self._current, warmed)

    def _mark(self, name: str) -> None:
        if name not in self._marked:
            self._marked.add(name)
            self._device.mark(name)
