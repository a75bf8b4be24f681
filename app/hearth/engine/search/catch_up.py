"""Brings the search index in step with the store: reads what changed, and takes out what is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hearth.core.records.contents import Chat
from hearth.core.records.schema import Collection
from hearth.core.search.documents import Doc, entry_docs, message_docs, title_doc
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.index import Index
from hearth.engine.search.pace import PUT, Pace
from hearth.engine.search.shard import Shard
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.ports.keys import Keyring
from hearth.ports.storage import Position, SearchIndexStore

PAGE = 60
"""Messages that are read and opened at once: some 4 ms of work in one piece, when JSON becomes Python's values."""

PUT_CHARS = 12_000
"""Characters of documents that are taken in at once: 1 to 2 ms."""


class CatchUp:
    """What the index still has to read. `on_changed` hears that what can be found is another."""

    def __init__(
        self,
        index: Index,
        repository: ChatRepository,
        entries: EntryRepository,
        keyring: Keyring,
        search_index: SearchIndexStore,
        keeps: Callable[[], bool],
        pace: Pace,
        on_changed: Callable[[], None],
        on_left: Callable[[int], None],
    ) -> None:
        self._index = index
        self._repository = repository
        self._entries = entries
        self._keyring = keyring
        self._search_index = search_index
        self._keeps = keeps
        self._pace = pace
        self._on_changed = on_changed
        self._on_left = on_left
        self._titles: dict[str, Chat] = {}

    async def read_titles(self) -> None:
        """Take in the titles of chats that are new or have another one."""
        chats = dict(self._repository.chats)
        gone = self._titles.keys() - chats.keys()
        fresh = [chat for chat in chats.values() if self._titles.get(chat.id) != chat]
        if gone or fresh:
            self._titles = chats
            self._index.put_titles((), gone)
            for some in self._pace.in_pieces(fresh):
                self._index.put_titles(map(title_doc, some), ())
                await self._pace.breathe()
            self._on_changed()

    async def read_entries(self, hidden: frozenset[str]) -> None:
        """Take in the entries of apps, but for those that are left out."""
        docs = entry_docs(await self._entries.apps(), hidden)
        entries = Shard()
        try:
            for piece in self._pace.in_pieces(docs):
                entries.put(piece)
                await self._pace.breathe()
        except BaseException:
            entries.close()
            raise
        self._index.replace_entries(entries)
        self._on_changed()

    async def read_chats(self, changed: set[str]) -> None:
        """Index what changed and what is missing, the chats that were updated last first."""
        marks = await self._search_index.marks()
        chats = self._repository.chats
        gone = (self._index.chats | marks.keys()) - chats.keys()
        gone |= {chat for chat in self._index.chats if not self._repository.is_complete(chat)}  # it had to make room
        if gone:
            await self._take_out(gone, marks)
        wanted = (self._unread(marks) | changed | (chats.keys() - self._index.chats)) & chats.keys()
        wanted = {chat for chat in wanted if self._repository.is_complete(chat)}
        queue = sorted(wanted, key=lambda chat: -chats[chat].last_updated)
        self._on_left(len(queue))
        for at, chat in enumerate(queue, 1):
            if await self._index_chat(chat, marks.get(chat)):
                self._on_changed()
            self._on_left(len(queue) - at)

    async def _take_out(self, gone: set[str], marks: dict[str, str]) -> None:
        """Take chats out that are not here. Their marks go once that is kept, or at once where the chat was not in."""
        settled = {}
        for chat in gone:
            part = self._index.part_of(chat)
            while self._index.drop_some(chat, PUT):
                await self._pace.breathe()
            if chat in marks and part is not None:
                part.settles[chat] = marks[chat]
            elif chat in marks:
                settled[chat] = marks[chat]
        if settled and self._keeps():
            await self._search_index.settle(settled)
        self._on_changed()

    def _unread(self, marks: Mapping[str, str]) -> set[str]:
        """The marked chats that were not read since they were marked; the others' marks go once that is kept."""
        read = {chat: token for part in self._index.parts for chat, token in part.settles.items()}
        return {chat for chat, token in marks.items() if read.get(chat) != token}

    async def _index_chat(self, chat: str, token: str | None) -> bool:
        """Bring one chat in step; whether anything was different."""
        known = self._index.versions(chat)
        before = set(known)
        place = self._index.place_of(chat)
        await self._pace.breathe()
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
                self._index.drop(chat, [gone.pop() for _ in range(min(PUT, len(gone)))])
                await self._pace.breathe()
        if token is not None:
            place.settles[chat] = token
            place.changed = True
        return changed

    async def _take_in(self, chat: str, known: set[str], records: object) -> None:
        opened = await self._keyring.open_records(Collection.MESSAGES, records)  # type: ignore[arg-type]
        await self._pace.breathe()
        docs: list[Doc] = []
        chars, some = 0, self._pace.some()
        for at, each in enumerate(opened, 1):
            message = message_docs(each)
            if message[0].ref in known:
                # Fewer files than before: the others would stay.
                self._index.drop(chat, [message[0].ref])
            docs += message
            chars += sum(len(doc.body) for doc in message)
            if len(docs) >= some or chars >= PUT_CHARS or at == len(opened):
                self._index.put(chat, docs)
                docs, chars, some = [], 0, self._pace.some()
                await self._pace.breathe()
