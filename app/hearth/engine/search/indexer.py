"""Keeps the index in step with the store: takes over what is kept, reads what changed since, keeps it sealed again.

One task, at rest until it is woken. It works in steps of less than half a frame and gives way after each, so that
nothing that the person does waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hearth.core.errors import SealError, StorageError
from hearth.core.records.contents import Chat
from hearth.core.records.schema import Collection
from hearth.core.search.documents import Doc, entry_docs, message_docs, title_doc
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.index import Index, Part
from hearth.engine.search.shard import Shard, warm_up
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.ports.keys import Keyring
from hearth.ports.storage import Keep, Position, SearchIndexStore

log = logging.getLogger("hearth")

STEP_S = 0.006
"""How long the work goes on before it gives way: less than half a frame of 60 a second, since what the browser
does with the records that are read comes on top."""

PAGE = 60
"""Messages that are read and opened at once: some 4 ms of work in one piece, when JSON becomes Python's values."""

PUT = 12
PUT_CHARS = 12_000
"""Documents, and characters of them, that are taken in or out at once: 1 to 2 ms."""

AHEAD = 6
"""Kept shards that are read and opened at once, on other threads; with more, the newest would not be there sooner."""

SAVE_AFTER_S = 4.0
"""How long after a change the shards that changed are kept: whoever writes ten messages changes one shard once."""

Piece = TypeVar("Piece")


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
        keep: Keep | None = None,
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
        self._monotonic = monotonic
        self._keeps = keeps
        self._on_progress = on_progress
        self._on_changed = on_changed
        self._on_first = on_first
        self._yield_control = yield_control
        self._save_after_s = save_after_s
        self._task: asyncio.Task[None] | None = None
        self._started = asyncio.Event()
        self._wake = asyncio.Event()
        self._changed: set[str] = set()
        self._hidden: frozenset[str] = frozenset()
        self._entries_changed = True
        self._titles: dict[str, Chat] = {}
        self._since = 0.0
        self._next = 1

    # --- what others say ---

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

    # --- the task ---

    async def _guarded(self, kept: Sequence[str] | None) -> None:
        """A failure of storage ends the keeping, never the session; no text of an error is logged."""
        try:
            await self._run(kept)
        except (StorageError, SealError) as error:
            log.warning("the search index stopped: %s", type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the session goes on without it
            log.error("the search index stopped: %s", type(error).__name__)  # noqa: TRY400

    async def _run(self, kept: Sequence[str] | None) -> None:
        self._since = self._monotonic()
        await self._take_over(kept)
        await self._started.wait()
        while True:
            self._wake.clear()
            await self._read_titles_and_entries()
            await self._catch_up()
            await self._tidy()
            if not any(part.changed for part in self.index.parts) or not self._keeps():
                await self._wake.wait()
                continue
            try:
                async with asyncio.timeout(self._save_after_s):
                    await self._wake.wait()
            except TimeoutError:
                await self._save()

    async def _take_over(self, kept: Sequence[str] | None) -> None:
        """Read back what is kept. What does not open, or is of another layout, is forgotten and built anew."""
        names = await self._search_index.names() if kept is None else kept
        names = sorted(filter(str.isdecimal, names), key=int)
        if not names:
            await self._rehearse()
        useless = []
        opener: deque[asyncio.Task[bytes | None]] = deque()
        try:
            for at, name in enumerate(names):
                while at + len(opener) < min(len(names), at + AHEAD):
                    opener.append(asyncio.create_task(self._open(names[at + len(opener)])))
                if not at:
                    await self._rehearse()
                content = await opener.popleft()
                if content is None or not self.index.adopt(name, content):
                    useless.append(name)
                elif len(self.index.parts) == 1:
                    self._on_first()
                await self._breathe()
        finally:
            for each in opener:
                each.cancel()
        if useless and self._keeps():
            await self._search_index.forget(useless)

    async def _rehearse(self) -> None:
        """Each piece in a step of its own: how long the browser compiles is not known before."""
        for _ in warm_up():
            await self._yield_control()
        self._since = self._monotonic()

    async def _open(self, name: str) -> bytes | None:
        try:
            return await self._keyring.open_kept(name, await self._search_index.read(name))
        except SealError:
            return None

    async def _read_titles_and_entries(self) -> None:
        chats = dict(self._repository.chats)
        gone = self._titles.keys() - chats.keys()
        fresh = [chat for chat in chats.values() if self._titles.get(chat.id) != chat]
        if gone or fresh:
            self._titles = chats
            self.index.put_titles((), gone)
            for some in self._in_pieces(fresh):
                self.index.put_titles(map(title_doc, some), ())
                await self._breathe()
            self._on_changed()
        if self._entries_changed:
            self._entries_changed = False
            docs = entry_docs(await self._entries.apps(), self._hidden)
            entries = Shard()
            try:
                for piece in self._in_pieces(docs):
                    entries.put(piece)
                    await self._breathe()
            except BaseException:
                entries.close()
                raise
            self.index.replace_entries(entries)
            self._on_changed()

    async def _catch_up(self) -> None:
        """Index what changed and what is missing, the chats that were updated last first."""
        marks = await self._search_index.marks()
        chats = self._repository.chats
        gone = (self.index.chats | marks.keys()) - chats.keys()
        gone |= {chat for chat in self.index.chats if not self._repository.is_complete(chat)}  # it had to make room
        if gone:
            await self._take_out(gone, marks)
        wanted = (self._unread(marks) | self._changed | (chats.keys() - self.index.chats)) & chats.keys()
        self._changed.clear()
        wanted = {chat for chat in wanted if self._repository.is_complete(chat)}
        queue = sorted(wanted, key=lambda chat: -chats[chat].last_updated)
        self._report(len(queue))
        for at, chat in enumerate(queue, 1):
            if await self._index_chat(chat, marks.get(chat)):
                self._on_changed()
            self._report(len(queue) - at)
        if not queue:
            self._report(0)

    async def _take_out(self, gone: set[str], marks: dict[str, str]) -> None:
        """Take chats out that are not here. Their marks go once that is kept, or at once where the chat was not in."""
        settled = {}
        for chat in gone:
            part = self.index.part_of(chat)
            while self.index.drop_some(chat, PUT):
                await self._breathe()
            if chat in marks and part is not None:
                part.settles[chat] = marks[chat]
            elif chat in marks:
                settled[chat] = marks[chat]
        if settled and self._keeps():
            await self._search_index.settle(settled)
        self._on_changed()

    def _unread(self, marks: Mapping[str, str]) -> set[str]:
        """The marked chats that were not read since they were marked; the others' marks go once that is kept."""
        read = {chat: token for part in self.index.parts for chat, token in part.settles.items()}
        return {chat for chat, token in marks.items() if read.get(chat) != token}

    async def _index_chat(self, chat: str, token: str | None) -> bool:
        """Bring one chat in step; whether anything was different."""
        known = self.index.versions(chat)
        before = set(known)
        place = self.index.place_of(chat)
        await self._breathe()
        gone = set(before)
        after: Position | None = None
        changed = False
        while True:
            page = await self._search_index.page(chat, known, after, PAGE)
            gone.difference_update(page.live)
            if len(page.records):
                changed = True
                await self._take_in(chat, before, page.records)
            after = page.next
            if after is None:
                break
        if gone:
            changed = True
            while gone:
                self.index.drop(chat, [gone.pop() for _ in range(min(PUT, len(gone)))])
                await self._breathe()
        if token is not None:
            place.settles[chat] = token
            place.changed = True
        return changed

    async def _take_in(self, chat: str, known: set[str], records: object) -> None:
        opened = await self._keyring.open_records(Collection.MESSAGES, records)  # type: ignore[arg-type]
        await self._breathe()
        docs: list[Doc] = []
        chars, some = 0, self._some()
        for at, each in enumerate(opened, 1):
            message = message_docs(each)
            if message[0].ref in known:
                # Fewer files than before: the others would stay.
                self.index.drop(chat, [message[0].ref])
            docs += message
            chars += sum(len(doc.body) for doc in message)
            if len(docs) >= some or chars >= PUT_CHARS or at == len(opened):
                self.index.put(chat, docs)
                docs, chars, some = [], 0, self._some()
                await self._breathe()

    async def _save(self) -> None:
        """Keep the shards that changed, and forget those that are no longer among them."""
        for part in self.index.parts:
            if part.changed and part.chats:
                await self._save_part(part)
        settled = {chat: token for part in self.index.parts if not part.chats for chat, token in part.settles.items()}
        self.index.remove_empty()
        names = {part.name for part in self.index.parts}
        others = [name for name in await self._search_index.names() if name.isdecimal() and name not in names]
        if others:
            await self._search_index.forget(others)
        if settled:
            await self._search_index.settle(settled)

    async def _save_part(self, part: Part) -> None:
        while (part.slice.loose or part.slice.deleted) and part.slice.merge():
            await self._breathe()
        content = part.slice.content()
        settles, part.settles = part.settles, {}
        part.changed = False
        sealed = await self._keyring.seal_kept(part.name, content)
        await self._keep(part.name, sealed, settles)
        await self._breathe()

    async def _tidy(self) -> None:
        """Merge what was put in piece by piece, and list the words that a search for alike ones needs.

        Whatever else there is to do comes first.
        """
        for part in self.index.all_parts():
            while not self._wake.is_set() and part.slice.loose and part.slice.merge():
                await self._breathe()
            while not self._wake.is_set() and part.prepare():
                await self._breathe()

    def _report(self, left: int) -> None:
        total = len(self._repository.chats)
        self.progress = Progress(total - left, total, left == 0)
        self._on_progress(self.progress)

    def _some(self) -> int:
        """How many documents are put in next: few at first, while the browser still compiles what puts them in."""
        some, self._next = self._next, min(PUT, 2 * self._next)
        return some

    def _in_pieces(self, items: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
        start = 0
        while start < len(items):
            some = self._some()
            yield items[start : start + some]
            start += some

    async def _breathe(self) -> None:
        if self._monotonic() - self._since >= STEP_S:
            await self._yield_control()
            self._since = self._monotonic()
