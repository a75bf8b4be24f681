"""What the person does with the search field: each keystroke ends the search before it and begins another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import replace

from hearth.core.errors import SealError, StorageError
from hearth.core.search.query import Kind, parse
from hearth.core.search.results import SearchView, group_results
from hearth.core.search.settings_search import offers
from hearth.core.settings import schema
from hearth.core.settings.preferences import Preferences
from hearth.core.sync.machine import SyncMachine
from hearth.core.sync.table import State
from hearth.core.view.search_presenters import offered, present
from hearth.engine.chats.controller import Show
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.indexer import Indexer, Progress
from hearth.engine.search.searcher import Answer, Searcher
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.settings.preferences_record import ActivePreferences
from hearth.engine.storage.eviction import EvictingWriter
from hearth.engine.storage.kept_json import KeptJson
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.storage import Store

log = logging.getLogger("hearth")

RECENT = "recent"
"""The name under which recent searches are kept, sealed, on this device alone."""

MAX_RECENT = 8
MAX_REMEMBERED_CHARS = 200

AGAIN_AFTER_S = 0.4
"""How long after a change of what is stored an open search is made again."""


class SearchController:
    """The search of one session: index, field and results."""

    def __init__(
        self,
        device: Device,
        machine: SyncMachine,
        repository: ChatRepository,
        entries: EntryRepository,
        keyring: Keyring,
        store: Store,
        writer: EvictingWriter,
        preferences: ActivePreferences,
        show: Show,
    ) -> None:
        self._device = device
        self._machine = machine
        self._repository = repository
        self._values = store.kept_values
        self._show = show
        self._kept = KeptJson(self._values, keyring, writer.keep, RECENT)
        self._preferences = preferences
        self.indexer = Indexer(
            repository,
            entries,
            keyring,
            store.search_index,
            device.monotonic,
            keep=writer.keep_shard,
            keeps=lambda: writer.may_keep_index,
            on_progress=self._progressed,
            on_changed=self._search_again_soon,
            on_first=lambda: device.mark("search-answers"),
        )
        self._view = SearchView()
        self._times = 1
        self._task: asyncio.Task[None] | None = None
        self._again: asyncio.TimerHandle | None = None
        self._recent: tuple[str, ...] | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()
        """What is kept of recent searches is written by one at a time, in the order of the person's doing."""
        self._ready = False

    def index_if_ready(self) -> None:
        """Nothing of a warming waits for search: the index is built when all is here, or nothing more can come."""
        if self._repository.warmed or self._machine.state is State.WAITING:
            self.indexer.start()

    def type(self, text: str) -> None:
        """The field holds this text now."""
        self.indexer.start()
        self._times = 1 if text != self._view.text else self._times
        self._cancel()
        blank = not text.strip()
        # What was found for the keystroke before stays until this one has its results: nothing flickers.
        before = SearchView() if blank else self._view
        progress = self._shown(self.indexer.progress)
        recent = self._recent or ()
        self._put(replace(before, text=text, open=True, searching=not blank, progress=progress, recent=recent))
        work = self._show_recent() if blank else self._search(text)
        self._task = asyncio.get_running_loop().create_task(self._guarded(work))

    def more(self) -> None:
        """Show more results of each kind."""
        self._times *= 3
        self.type(self._view.text)

    def end(self) -> None:
        """The field is left."""
        self._cancel()
        self._times = 1
        self._put(SearchView())

    def remember(self) -> None:
        """What is searched for led to a result: it is worth keeping."""
        text = self._view.text.strip()
        if text and self._preferences.now.choices.get(schema.RECENT) != "never":
            self._own(self._remember(text))

    def preferences_changed(self, preferences: Preferences) -> None:
        """Other preferences hold now: hide what is to be hidden, and keep no recent searches if none are wanted."""
        self.indexer.hide(preferences.hidden)
        if preferences.of(schema.RECENT) == "never":
            self.forget()

    def redate(self) -> None:
        """Another day has begun: dates in the results, and what "today" asks for, are others."""
        self._search_again()

    def forget(self) -> None:
        """Forget recent searches."""
        self._own(self._forget())

    def drop(self) -> None:
        """End everything at once, where nothing can be waited for."""
        self._cancel()
        for task in self._writing:
            task.cancel()
        self._view, self._recent = SearchView(), None
        self.indexer.drop()

    async def stop(self) -> None:
        """End everything and forget what was searched for."""
        self._cancel()
        for task in self._writing:
            task.cancel()
        if self._writing:
            await asyncio.wait(self._writing)
        self._view, self._recent = SearchView(), None
        await self.indexer.stop()

    # --- within ---

    async def _search(self, text: str) -> None:
        now = self._device.now()
        query = parse(text, now)
        settings = offered(offers(query), self._preferences.now.choices) if query.wants(Kind.SETTING) else []

        def show(answer: Answer, searching: bool = True) -> None:
            lines = present(answer.docs, answer.marks, self._repository.chats, now) + settings
            self._put(
                replace(
                    self._view,
                    searching=searching,
                    groups=group_results(lines, answer.more),
                    found=answer.found,
                    instead=answer.instead,
                    hints=query.hints,
                )
            )

        finder = Searcher(self.indexer.index, self._device.monotonic)
        show(await finder.answer(query, now, self._times, show), searching=False)

    async def _show_recent(self) -> None:
        self._put(replace(self._view, recent=await self._read_recent()))

    async def _read_recent(self) -> tuple[str, ...]:
        if self._recent is None:
            kept = await self._kept.read()
            listed = kept if isinstance(kept, list) else []
            self._recent = tuple(each for each in listed if isinstance(each, str))[:MAX_RECENT]
        return self._recent

    async def _remember(self, text: str) -> None:
        text = text[:MAX_REMEMBERED_CHARS]
        async with self._in_order:
            recent = (text, *(each for each in await self._read_recent() if each != text))[:MAX_RECENT]
            self._recent = recent
            await self._kept.write(recent)

    async def _forget(self) -> None:
        """Shown as forgotten only once it is: a reload at that moment must not bring it back."""
        async with self._in_order:
            await self._values.forget([RECENT])
            self._recent = ()
        if self._view.open:
            self._put(replace(self._view, recent=()))

    def _progressed(self, progress: Progress) -> None:
        if progress.complete and self._repository.warmed and not self._ready:
            self._ready = True
            self._device.mark("search-ready")
        if self._view.open and self._shown(progress) != self._view.progress:
            self._put(replace(self._view, progress=self._shown(progress)))

    @staticmethod
    def _shown(progress: Progress) -> tuple[int, int] | None:
        return None if progress.complete else (progress.done, progress.total)

    def _search_again_soon(self) -> None:
        """What can be found is another: an open search is made again, not for each of many changes."""
        if self._view.asked and self._again is None:
            self._again = asyncio.get_running_loop().call_later(AGAIN_AFTER_S, self._search_again)

    def _search_again(self) -> None:
        self._again = None
        if self._view.asked:
            if self._task is not None:
                self._task.cancel()
            self._own_search(self._view.text)

    def _own_search(self, text: str) -> None:
        self._task = asyncio.get_running_loop().create_task(self._guarded(self._search(text)))

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _put(self, view: SearchView) -> None:
        if view != self._view:
            self._view = view
            self._show(search=view)

    def _own(self, work: Awaitable[None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        """What fails is not shown as found; no text of an error is logged."""
        try:
            await work
        except (StorageError, SealError) as error:
            log.warning("a search could not be finished: %s", type(error).__name__)
        except Exception as error:  # noqa: BLE001 - a search must not take the page with it
            log.error("a search failed: %s", type(error).__name__)  # noqa: TRY400
            self._put(replace(self._view, searching=False, groups=()))
