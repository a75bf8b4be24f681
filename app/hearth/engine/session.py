"""The period of one account that is signed in: its beginning and end, what the person does, the other tabs."""

from __future__ import annotations

from contextlib import suppress

from hearth.core.records.schema import Collection
from hearth.core.settings.preferences import Wishes
from hearth.core.sync.machine import Signal, State
from hearth.core.tabs import messages as tab_messages
from hearth.engine.chats.controller import Show
from hearth.engine.chats.repository import END_MESSAGES
from hearth.engine.eager_task import EagerTask
from hearth.engine.intents import OpenChat
from hearth.engine.queue_items import ChatShown, CompletePage, ContinueChecks, Post
from hearth.engine.session_parts import Parts
from hearth.engine.settings.preferences_sync import WISHES
from hearth.engine.sync.connection import ConnectionEvent
from hearth.engine.sync.driver import SyncDriver
from hearth.engine.tabs.roles import BecameLeader, Follower, HeartbeatDue, LostLeadership, RoleChange
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.records import Frame
from hearth.ports.storage import InitialData, Store

EVICTED = "This browser had removed the chats that Hearth stored; they are fetched again."


class Session:
    """Store, keys, connection and what is read, for as long as the person is signed in.

    Of the tabs of an account one owns the connection and the writes; in the others, the session follows it.
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
        self.controller = parts.controller
        self.search = parts.search
        self._driver = SyncDriver(parts, in_memory)
        self._following = Follower(parts.store, parts.repository, parts.controller, show)
        self._beginning: EagerTask[InitialData] | None = None
        self._check_waits = False

    # --- beginning and end ---

    async def start(self, showed: str | None) -> None:
        """Begin to read what is here; begin to sync, or to follow the tab that does.

        `showed` is the chat that this tab showed before a reload: it comes first if it is still here. Which chat was
        opened last is written down a moment after it is shown, and says nothing of several tabs.
        """
        self._beginning = EagerTask(self._begin(showed))
        if await self.parts.role.join():
            await self._driver.step(Signal.START)

    async def _begin(self, showed: str | None) -> InitialData:
        return await self.parts.store.load_initial(self.controller.chosen or showed, END_MESSAGES, WISHES)

    async def restore(self) -> None:
        """Show what is on the device, the last chat first, before anything that the network brings."""
        parts, repository = self.parts, self.parts.repository
        begin = await (self._beginning or EagerTask(self._begin(None))).result()
        self._beginning = None
        parts.stand(begin.state)
        is_new = begin.state.cursor is None
        self.controller.settings_here = not is_new
        if is_new and self._driver.lasts and parts.device.key_store.had_stored(parts.account):
            self._driver.storage_note = EVICTED
        for chat_id in await repository.learn(begin.first):
            if self.controller.chosen in (None, chat_id):
                await parts.opener.open(chat_id, source=begin.messages)
        others = await begin.others()
        if repository.warmed:
            self.search.indexer.begin(others.names)
        await repository.learn(others.chats)
        self.controller.list_chats()
        if self.controller.chosen is None and repository.warmed:
            await parts.opener.by_itself()
        await parts.preferences.begin(others.kept, others.entries)
        parts.index_if_warm()

    async def end(self) -> None:
        """Stop everything that belongs to this session and forget its keys."""
        self._stop()
        await self.search.stop()
        self.parts.keyring.drop()
        await self.parts.store.close()
        self.parts.role.leave()

    def drop(self) -> None:
        """End at once, where nothing can be waited for: the page is being put away."""
        self._stop()
        self.search.drop()
        self.parts.keyring.drop()
        self.parts.role.leave()
        closing = self.parts.store.close()
        with suppress(StopIteration):
            closing.send(None)  # As far as it gets without waiting: a database closes by itself when it is idle.
        closing.close()

    def _stop(self) -> None:
        self.parts.machine.step(Signal.STOP)
        self.parts.opener.last_opened.stop()
        self.parts.connection.disconnect()

    # --- the network ---

    async def happened(self, happened: ConnectionEvent) -> None:
        """Take what happened to the connection."""
        await self._driver.happened(happened)

    async def arrived(self, frame: Frame) -> None:
        """Take a frame."""
        await self._driver.arrived(frame)

    async def check_more(self) -> None:
        """Hold one thing more against the manifest, unless the person waits for a chat.

        Nor while a part of a change is here: the manifest comes with its last frame.
        """
        parts = self.parts
        if parts.opener.awaited or parts.machine.state is State.CHANGING:
            self._check_waits = True
            return
        if await parts.integrity.check():
            self.controller.mark()
            self._driver.show_status()
            parts.role.tell_stored((), (), {Collection.CHATS}, again=True)
        if parts.integrity.done:
            self._driver.mark("checked")

    # --- the person ---

    async def open_chat(self, chosen: OpenChat) -> None:
        """The person chose a chat, or a message of one."""
        await self.parts.opener.by_hand(chosen)

    async def go_on(self, item: CompletePage | ChatShown) -> None:
        """Do what could wait until a chat was shown: the rest of its page first, then the notes about it."""
        if isinstance(item, CompletePage):
            self.controller.complete()
            return
        self.parts.opener.shown()
        await self._chat_opened(item.chat_id)
        if self._check_waits and not self.parts.opener.awaited:
            self._check_waits = False
            self.parts.post(ContinueChecks())

    async def _chat_opened(self, chat_id: str) -> None:
        """Write down that the person opened a chat, here or through the tab that owns the account."""
        parts = self.parts
        if parts.role.is_leader:
            await parts.opener.note(chat_id)
        elif chat_id in parts.repository.chats:
            parts.role.tell_opened(chat_id)
        if chat_id not in parts.repository.partial:  # Which is asked for as a whole.
            parts.integrity.opened(chat_id)
        parts.refetcher.ask()

    def fetch_again(self, chat_id: str) -> None:
        """The person wants a chat that is not as it should be fetched again."""
        if self.parts.role.is_leader:
            self.parts.integrity.fetch_again(chat_id)
        else:
            self.parts.role.tell_unreadable(Collection.CHATS, chat_id)

    async def prefer(self, wishes: Wishes) -> None:
        """The person chose settings of Hearth's own: they hold at once, and the server comes to have them."""
        await self.parts.preferences.wish(wishes)
        if self.parts.role.is_leader:
            await self.parts.push_preferences()
        else:
            self.parts.role.tell_wished()

    def report(self, sentence: str) -> None:
        """Show in the status line what could not be done."""
        self._driver.report(sentence)

    # --- the other tabs of the account ---

    async def turn(self, turn: RoleChange) -> None:
        """Take what becomes of this tab among the tabs of the account."""
        role = self.parts.role
        if turn.role is not role:
            return  # It is about an earlier session.
        match turn:
            case BecameLeader():
                await self._own()
            case LostLeadership():
                role.displaced()
                await self._driver.step(Signal.STOP)
                await self._following.reread()
            case HeartbeatDue():
                role.ask()

    async def _own(self) -> None:
        """The tab that this one followed has gone: connect from where the device stands."""
        untold = self.parts.role.own()
        self.parts.stand(await self.parts.store.sync_state())
        await self._driver.step(Signal.START)
        await self._following.reread()
        if untold is not None:
            await self.parts.opener.note(untold)

    async def heard(self, said: tab_messages.Said) -> None:
        """Take what another tab of the account said."""
        if self.parts.role.is_leader:
            await self._serve_tab(said)
        else:
            await self._follow(said)

    async def _serve_tab(self, said: tab_messages.Said) -> None:
        parts = self.parts
        match said:
            case tab_messages.Ask():
                self._driver.show_status()
            case tab_messages.OpenedElsewhere(chat_id=chat_id):
                await parts.opener.note_elsewhere(chat_id)
            case tab_messages.Unreadable(collection=Collection.CHATS, record_id=chat_id) if parts.integrity.of(chat_id):
                parts.integrity.fetch_again(chat_id)
            case tab_messages.Wished():
                await parts.preferences.hear()
                await parts.push_preferences()
            case tab_messages.Unreadable(collection=collection, record_id=record_id):
                parts.refetcher.note(collection, record_id)

    async def _follow(self, said: tab_messages.Said) -> None:
        parts = self.parts
        if isinstance(said, tab_messages.Standing | tab_messages.Stored | tab_messages.Noted):
            parts.role.heard()
        match said:
            case tab_messages.Standing():
                parts.role.answered()
                self._following.standing(said)
                parts.index_if_warm()
                if said.current:
                    parts.role.tell_opened_again()
                    self._driver.mark("up-to-date")
            case tab_messages.Stored():
                parts.integrity.restore(await parts.store.sync_state())
                await self._following.stored(said)
                if Collection.SETTINGS_AND_MEMORIES in said.collections:
                    await parts.entries_stored()
                first = await self._following.first_choice()
                if first:
                    await parts.opener.open(first)
                parts.refetcher.ask()
            case tab_messages.Noted(chat_id=chat_id):
                parts.role.noted(chat_id)
