"""The period of one account that is signed in: its beginning and end, what the person does, the other tabs."""

from __future__ import annotations

from contextlib import suppress

from hearth.core.records.schema import Collection
from hearth.core.settings.preferences import Wishes
from hearth.core.sync.machine import Signal, State
from hearth.core.tabs import messages as tab_messages
from hearth.engine.chats.controller import Show
from hearth.engine.chats.repository import END_MESSAGES
from hearth.engine.eager_task import Ahead
from hearth.engine.intents import OpenChat
from hearth.engine.queue_items import ChatOpened, CheckMore, FillPage, Post
from hearth.engine.session_parts import Parts
from hearth.engine.settings.preferences_sync import WISHES
from hearth.engine.sync.connection import Happened
from hearth.engine.sync.driver import Syncing
from hearth.engine.tabs.roles import AskDue, Displaced, Following, Owned, Turn
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.records import Frame
from hearth.ports.storage import Beginning, Store

EVICTED = "This browser had removed the chats that Hearth stored; they are fetched again."


class Visit:
    """Store, keys, connection and what is read, for as long as the person is signed in.

    Of the tabs of an account one owns the connection and the writes; in the others, the visit follows it.
    `in_memory` says why the store does not last, if it does not.
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
        self.parts = parts = Parts(device, account, store, keyring, post, show, alone=bool(in_memory))
        self.reading = parts.reading
        self.searching = parts.searching
        self._syncing = Syncing(parts, in_memory)
        self._following = Following(parts.store, parts.library, parts.reading, show)
        self._beginning: Ahead[Beginning] | None = None
        self._check_waits = False

    # --- beginning and end ---

    async def start(self, showed: str | None) -> None:
        """Begin to read what is here; begin to sync, or to follow the tab that does.

        `showed` is the chat that this tab showed before a reload: it comes first if it is still here. Which chat was
        opened last is written down a moment after it is shown, and says nothing of several tabs.
        """
        self._beginning = Ahead(self._begin(showed))
        if await self.parts.company.join():
            await self._syncing.step(Signal.START)

    async def _begin(self, showed: str | None) -> Beginning:
        return await self.parts.store.beginning(self.reading.chosen or showed, END_MESSAGES, WISHES)

    async def restore(self) -> None:
        """Show what is on the device, the last chat first, before anything that the network brings."""
        parts, library = self.parts, self.parts.library
        begin = await (self._beginning or Ahead(self._begin(None))).result()
        self._beginning = None
        parts.stand(begin.state)
        is_new = begin.state.cursor is None
        self.reading.settings_here = not is_new
        if is_new and self._syncing.lasts and parts.device.vault.had_stored(parts.account):
            self._syncing.storage_note = EVICTED
        for chat_id in await library.learn(begin.first):
            if self.reading.chosen in (None, chat_id):
                await parts.opening.open(chat_id, source=begin.messages)
        others = await begin.others()
        if library.warmed:
            self.searching.indexer.begin(others.names)
        await library.learn(others.chats)
        self.reading.list_chats()
        if self.reading.chosen is None and library.warmed:
            await parts.opening.by_itself()
        await parts.preferences.begin(others.kept, others.entries)
        parts.index_if_warm()

    async def end(self) -> None:
        """Stop everything that belongs to this visit and forget its keys."""
        self._stop()
        await self.searching.stop()
        self.parts.keyring.drop()
        await self.parts.store.close()
        self.parts.company.leave()

    def drop(self) -> None:
        """End at once, where nothing can be waited for: the page is being put away."""
        self._stop()
        self.searching.drop()
        self.parts.keyring.drop()
        self.parts.company.leave()
        closing = self.parts.store.close()
        with suppress(StopIteration):
            closing.send(None)  # As far as it gets without waiting: a database closes by itself when it is idle.
        closing.close()

    def _stop(self) -> None:
        self.parts.machine.step(Signal.STOP)
        self.parts.opening.last_opened.stop()
        self.parts.link.disconnect()

    # --- the network ---

    async def happened(self, happened: Happened) -> None:
        """Take what happened to the connection."""
        await self._syncing.happened(happened)

    async def arrived(self, frame: Frame) -> None:
        """Take a frame."""
        await self._syncing.arrived(frame)

    async def check_more(self) -> None:
        """Hold one thing more against the manifest, unless the person waits for a chat.

        Nor while a part of a change is here: the manifest comes with its last frame.
        """
        parts = self.parts
        if parts.opening.awaited or parts.machine.state is State.CHANGING:
            self._check_waits = True
            return
        if await parts.integrity.check():
            self.reading.mark()
            self._syncing.show_status()
            parts.company.tell_stored((), (), {Collection.CHATS}, again=True)
        if parts.integrity.done:
            self._syncing.mark("checked")

    # --- the person ---

    async def open_chat(self, chosen: OpenChat) -> None:
        """The person chose a chat, or a message of one."""
        await self.parts.opening.by_hand(chosen)

    async def go_on(self, item: FillPage | ChatOpened) -> None:
        """Do what could wait until a chat was shown: the rest of its page first, then the notes about it."""
        if isinstance(item, FillPage):
            self.reading.complete()
            return
        self.parts.opening.shown()
        await self._chat_opened(item.chat_id)
        if self._check_waits and not self.parts.opening.awaited:
            self._check_waits = False
            self.parts.post(CheckMore())

    async def _chat_opened(self, chat_id: str) -> None:
        """Write down that the person opened a chat, here or through the tab that owns the account."""
        parts = self.parts
        if parts.company.owns:
            await parts.opening.note(chat_id)
        elif chat_id in parts.library.chats:
            parts.company.tell_opened(chat_id)
        if chat_id not in parts.library.partial:  # Which is asked for as a whole.
            parts.integrity.opened(chat_id)
        parts.refetching.ask()

    def fetch_again(self, chat_id: str) -> None:
        """The person wants a chat that is not as it should be fetched again."""
        if self.parts.company.owns:
            self.parts.integrity.fetch_again(chat_id)
        else:
            self.parts.company.tell_unreadable(Collection.CHATS, chat_id)

    async def prefer(self, wishes: Wishes) -> None:
        """The person chose settings of Hearth's own: they hold at once, and the server comes to have them."""
        await self.parts.preferences.wish(wishes)
        if self.parts.company.owns:
            await self.parts.push_preferences()
        else:
            self.parts.company.tell_wished()

    def report(self, sentence: str) -> None:
        """Show in the status line what could not be done."""
        self._syncing.report(sentence)

    # --- the other tabs of the account ---

    async def turn(self, turn: Turn) -> None:
        """Take what becomes of this tab among the tabs of the account."""
        company = self.parts.company
        if turn.company is not company:
            return  # It is about an earlier visit.
        match turn:
            case Owned():
                await self._own()
            case Displaced():
                company.displaced()
                await self._syncing.step(Signal.STOP)
                await self._following.reread()
            case AskDue():
                company.ask()

    async def _own(self) -> None:
        """The tab that this one followed has gone: connect from where the device stands."""
        untold = self.parts.company.own()
        self.parts.stand(await self.parts.store.sync_state())
        await self._syncing.step(Signal.START)
        await self._following.reread()
        if untold is not None:
            await self.parts.opening.note(untold)

    async def heard(self, said: tab_messages.Said) -> None:
        """Take what another tab of the account said."""
        if self.parts.company.owns:
            await self._serve_tab(said)
        else:
            await self._follow(said)

    async def _serve_tab(self, said: tab_messages.Said) -> None:
        parts = self.parts
        match said:
            case tab_messages.Ask():
                self._syncing.show_status()
            case tab_messages.Opened(chat_id=chat_id):
                await parts.opening.note_elsewhere(chat_id)
            case tab_messages.Unreadable(collection=Collection.CHATS, record_id=chat_id) if parts.integrity.of(chat_id):
                parts.integrity.fetch_again(chat_id)
            case tab_messages.Wished():
                await parts.preferences.hear()
                await parts.push_preferences()
            case tab_messages.Unreadable(collection=collection, record_id=record_id):
                parts.refetching.note(collection, record_id)

    async def _follow(self, said: tab_messages.Said) -> None:
        parts = self.parts
        if isinstance(said, tab_messages.Standing | tab_messages.Stored | tab_messages.Noted):
            parts.company.heard()
        match said:
            case tab_messages.Standing():
                parts.company.answered()
                self._following.standing(said)
                parts.index_if_warm()
                if said.current:
                    parts.company.tell_opened_again()
                    self._syncing.mark("up-to-date")
            case tab_messages.Stored():
                parts.integrity.restore(await parts.store.sync_state())
                await self._following.stored(said)
                if Collection.SETTINGS_AND_MEMORIES in said.collections:
                    await parts.entries_stored()
                first = await self._following.first_choice()
                if first:
                    await parts.opening.open(first)
                parts.refetching.ask()
            case tab_messages.Noted(chat_id=chat_id):
                parts.company.noted(chat_id)
