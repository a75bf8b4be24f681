"""One signed-in session of an account, from its start to its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hearth.core.settings.preferences import wish_ways
from hearth.core.sync.table import Signal
from hearth.engine.chats.repository import END_MESSAGES
from hearth.engine.eager_task import EagerTask
from hearth.engine.queue_items import (
    LearnDrafts,
)
from hearth.engine.session_dispatcher import SessionDispatcher
from hearth.engine.session_parts import SessionParts
from hearth.engine.transfer.import_log import IMPORTED
from hearth.engine.writing.outbox import PARCEL
from hearth.engine.writing.preferences_sync import WISHES
from hearth.engine.writing.spent_versions import SPENT
from hearth.engine.writing.text_limit import LIMIT
from hearth.ports.storage import Batch, InitialData

REMOVED_BY_TAB = "Another tab had removed the chats that Hearth stored; they are fetched again."
EVICTED = "This browser had removed the chats that Hearth stored; they are fetched again."


class Session:
    """Store, keys, connection and what is read, for as long as the person is signed in."""

    def __init__(self, parts: SessionParts) -> None:
        self.parts = parts
        self.dispatcher = SessionDispatcher(parts)
        self._initial: EagerTask[InitialData] | None = None
        self._showed: str | None = None
        self._led_from_start = False
        """Whether no other tab was there when this session began."""

    @property
    def noted_ways(self) -> frozenset[str]:
        """The ways into the account that its devices noted; none, if they noted nothing."""
        return self.parts.active.now.ways

    async def note_ways(self, ways: frozenset[str]) -> None:
        """Note the ways into the account as this device has just changed them."""
        self.parts.ways_watch.note_own(ways)
        await self.parts.prefer(wish_ways(ways))

    async def start(self, showed: str | None) -> None:
        """Begin to read what is here; begin to sync, or to follow the tab that does.

        `showed` is the chat that this tab showed before a reload: it comes first if it is still here. Which chat was
        opened last is written down a moment after it is shown, and says nothing of several tabs.
        """
        self._showed = showed
        self._initial = EagerTask(self._load(showed))
        self.parts.clock_watch.start()
        self._led_from_start = await self.parts.role.join()
        if self._led_from_start:
            await self.parts.driver.step(Signal.START)

    async def _load(self, showed: str | None) -> InitialData:
        return await self.parts.store.load_initial(self.parts.open_chats.chosen or showed, END_MESSAGES, WISHES)

    async def restore(self, if_empty: str = EVICTED, drafts_first: bool = False) -> None:
        """Show what is on the device, the last chat first, before anything that the network brings.

        `if_empty` says what became of what had been stored. `drafts_first` lists the chats with their drafts at once:
        nobody waits for the list, as a view of it is on screen.
        """
        parts = self.parts
        repository, controller = parts.repository, parts.controller
        initial = await (self._initial or EagerTask(self._load(None))).result()
        self._initial = None
        parts.driver.stand(initial.state)
        await parts.outbox.load(initial.outbox)
        await parts.assistant.adopt(at_once=self._led_from_start)
        is_new = initial.state.cursor is None
        controller.settings_here = not is_new
        if is_new and parts.key_store is not None and parts.key_store.had_stored(parts.account):
            parts.status.storage_note = if_empty
        if parts.open_chats.chosen is None and self._showed and parts.outbox.creates(self._showed):
            await parts.opener.open(self._showed)
        for chat_id in await repository.learn(initial.first):
            if parts.open_chats.chosen in (None, chat_id):
                await parts.opener.open(chat_id, source=initial.messages)
        others, _ = await asyncio.gather(initial.others(), parts.unread.load())
        if LIMIT in others.names:  # which few servers make a device keep
            await parts.limit.load()
        if SPENT in others.names:
            await parts.spent.load()
        if IMPORTED in others.names:
            await parts.transfer.load()
        if repository.warmed:
            parts.search.indexer.begin(others.shards)
        await repository.learn(others.chats)
        if drafts_first:
            await parts.writing.learn_drafts()
        controller.list_chats()
        if parts.open_chats.chosen is None and repository.warmed:
            await parts.opener.by_itself()
        parts.show(restored=True)
        await parts.entries.load(others.entries, new=is_new and not len(others.entries))
        await parts.preferences.begin()
        if repository.warmed:  # else what comes now is no change
            parts.ways_watch.begin(self.noted_ways)
        await parts.preferences.take_kept(others.kept, parts.store, parts.keyring)
        await self.dispatcher.follow()
        parts.search.index_if_ready()
        parts.post(LearnDrafts())

    async def start_over(self) -> bool:
        """Stop, and remove what came from the server; what the person wrote stays, to follow on what comes anew.

        False in a tab that follows: the one that leads has been told to do it.
        """
        if not self.parts.role.is_leader:
            self.parts.role.tell_take_over()
            return False
        self._stop()
        await self.parts.store.apply(Batch(outbox={PARCEL: None}))
        await self.parts.store.start_over()
        self.parts.role.tell_started_over()
        return True

    async def end(self) -> None:
        """Stop everything that belongs to this session and forget its keys."""
        self._stop()
        await self.parts.search.stop()
        self.parts.keyring.drop()
        self.parts.entries.invalidate()
        await self.parts.store.close()
        self.parts.role.leave()

    def drop(self) -> None:
        """End at once, where nothing can be waited for: the page is being put away."""
        self._stop()
        self.parts.search.drop()
        self.parts.keyring.drop()
        self.parts.entries.invalidate()
        self.parts.role.leave()
        closing = self.parts.store.close()
        with suppress(StopIteration):
            closing.send(None)  # As far as it gets without waiting: a database closes by itself when it is idle.
        closing.close()

    def _stop(self) -> None:
        self.parts.machine.step(Signal.STOP)
        self.parts.assistant.stop()
        self.parts.devices.stop()
        self.parts.transfer.stop()
        self.parts.writing.stop()
        self.parts.closing.stop()
        self.parts.clock_watch.stop()
        self.parts.opener.last_opened.stop()
        self.parts.connection.disconnect()
