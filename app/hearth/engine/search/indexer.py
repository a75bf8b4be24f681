"""Keeps the index in step with the store: takes over what is kept, reads what changed since, keeps it sealed again.

One task, at rest until it is woken. It works in steps of less than half a frame and gives way after each, so that
nothing that the person does waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from hearth.core.errors import SealError, StorageError
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.catch_up import CatchUp
from hearth.engine.search.index import Index
from hearth.engine.search.kept_index import KeptIndex
from hearth.engine.search.pace import Pace
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.ports.keys import Keyring
from hearth.ports.storage import KeepShard, SearchIndexStore

log = logging.getLogger("hearth")

SAVE_AFTER_S = 4.0
"""How long after a change the shards that changed are kept: whoever writes ten messages changes one shard once."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many chats are indexed, of all; `complete` when none is left."""

    done: int = 0
    total: int = 0
    complete: bool = False


class Indexer:
    """The index of one session, and the task that works at it.

    `keeps` says whether this page may write what is kept: of several tabs one does. `on_progress` hears how far
    the index is, `on_changed` that what can be found is another, `on_first` that the first kept shard can be asked.
    """

    def __init__(
        self,
        repository: ChatRepository,
        entries: EntryRepository,
        keyring: Keyring,
        search_index: SearchIndexStore,
        monotonic: Callable[[], float],
        *,
        keep: KeepShard | None = None,
        keeps: Callable[[], bool] = lambda: True,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_changed: Callable[[], None] = lambda: None,
        on_first: Callable[[], None] = lambda: None,
        yield_control: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0),
        save_after_s: float = SAVE_AFTER_S,
    ) -> None:
        self._index: Index | None = None
        self.progress = Progress()
        self._repository = repository
        self._entries = entries
        self._keyring = keyring
        self._search_index = search_index
        self._keep = keep or search_index.keep
        self._keeps = keeps
        self._on_progress = on_progress
        self._on_changed = on_changed
        self._on_first = on_first
        self._save_after_s = save_after_s
        self._task: asyncio.Task[None] | None = None
        self._started = asyncio.Event()
        self._wake = asyncio.Event()
        self._changed: set[str] = set()
        self._hidden: frozenset[str] = frozenset()
        self._entries_changed = True
        self._pace = Pace(monotonic, yield_control)

    @property
    def index(self) -> Index:
        """The index, made when it is first needed: no first chat waits for its databases."""
        if self._index is None:
            self._index = Index()
        return self._index

    def begin(self, kept: Sequence[str] | None = None) -> None:
        """Begin to take over what is kept, under these names if they are known. A second call does nothing."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._guarded(kept))

    def start(self) -> None:
        """Go on to what is missing, as soon as what is kept is taken over. A second call does nothing."""
        self.begin()
        self._started.set()

    def changed(self, chats: set[str], entries: bool = False) -> None:
        """Something was stored: these chats may have changed, and apps' entries if `entries` says so."""
        self._changed |= chats
        self._entries_changed = self._entries_changed or entries
        self._wake.set()

    def hide(self, hidden: frozenset[str]) -> None:
        """Leave these apps and entries out."""
        if hidden != self._hidden:
            self._hidden = hidden
            self.changed(set(), entries=True)

    def drop(self) -> None:
        """End the task and let go of the index at once, where nothing can be waited for."""
        if self._task is not None:
            self._task.cancel()
        if self._index is not None:
            self._index.close()

    async def stop(self) -> None:
        """End the task and let go of the index."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        if self._index is not None:
            self._index.close()

    async def _guarded(self, kept: Sequence[str] | None) -> None:
        """A failure of storage ends the keeping, never the session; no text of an error is logged."""
        try:
            await self._run(kept)
        except (StorageError, SealError) as error:
            log.warning("the search index stopped: %s", type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the session goes on without it
            log.error("the search index stopped: %s", type(error).__name__)  # noqa: TRY400

    async def _run(self, kept: Sequence[str] | None) -> None:
        self._pace.start()
        index = self.index
        kept_index = KeptIndex(
            index, self._keyring, self._search_index, self._keep, self._keeps, self._pace, self._on_first
        )
        catch_up = CatchUp(
            index,
            self._repository,
            self._entries,
            self._keyring,
            self._search_index,
            self._keeps,
            self._pace,
            self._on_changed,
            self._report,
        )
        await kept_index.take_over(kept)
        await self._started.wait()
        while True:
            self._wake.clear()
            await self._catch_up(catch_up)
            await self._tidy()
            if not any(part.changed for part in index.parts) or not self._keeps():
                await self._wake.wait()
                continue
            try:
                async with asyncio.timeout(self._save_after_s):
                    await self._wake.wait()
            except TimeoutError:
                await kept_index.save()

    async def _catch_up(self, catch_up: CatchUp) -> None:
        await catch_up.read_titles()
        if self._entries_changed:
            self._entries_changed = False
            await catch_up.read_entries(self._hidden)
        changed, self._changed = self._changed, set()
        await catch_up.read_chats(changed)

    async def _tidy(self) -> None:
        """Merge what was put in piece by piece, and list the words that a search for alike ones needs.

        Whatever else there is to do comes first.
        """
        for part in self.index.all_parts():
            while not self._wake.is_set() and part.slice.loose and part.slice.merge():
                await self._pace.breathe()
            while not self._wake.is_set() and part.prepare():
                await self._pace.breathe()

    def _report(self, left: int) -> None:
        total = len(self._repository.chats)
        self.progress = Progress(total - left, total, left == 0)
        self._on_progress(self.progress)
