"""Every chat of an account for an export: from the device, then from the server what the device does not have."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hearth.core.export.unsent import Opened, UnsentChanges
from hearth.core.records.schema import Collection
from hearth.core.sync.older_chats import ChatPlace
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.transfer.remote_chats import NotReached, ReadChat, RemoteChats, without_drafts
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.outbox_view import OutboxView
from hearth.ports.keys import Keyring
from hearth.ports.storage import Position, Store

PAGE = 200
"""Messages read and opened at once."""


class ChatSource:
    """Yields each chat once, with a source of its messages; afterwards `missing` says how many could not be had."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        repository: ChatRepository,
        outbox: Outbox,
        view: OutboxView,
        remote: RemoteChats,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._repository = repository
        self._outbox = outbox
        self._view = view
        self._remote = remote
        self._done: set[str] = set()
        self.missing = 0
        self.why = ""

    @property
    def total(self) -> int:
        """How many chats there are to be exported, as far as that is known."""
        return max(self._repository.total, len(self._order()))

    async def chats(self) -> AsyncIterator[tuple[Opened, AsyncIterator[list[Opened]]]]:
        """Each chat, opened, with its messages page by page."""
        order = self._order()
        for chat_id in order:
            if self._repository.is_complete(chat_id) or chat_id not in self._repository.chats:
                async for each in self._stored(chat_id):
                    yield each
        partial = [each for each in order if each not in self._done and each in self._repository.chats]
        try:
            async for read in self._remote.named(partial):
                for each in self._taken(read):
                    yield each
            older = self._repository.older_chats
            if older is not None and older.to is not None and older.count:
                same = [each.id for each in self._repository.places() if each.last_updated == older.to.last_updated]
                async for read in self._remote.beyond(older.to, self._listed(older.to, same)):
                    for each in self._taken(read):
                        yield each
        except NotReached as error:
            self.why = str(error)
        self.missing = max(0, self.total - len(self._done))

    def _order(self) -> list[str]:
        """The chats that the page lists, the last updated one first; what is only in the outbox included."""
        chats = sorted(self._view.chats(), key=lambda chat: (-chat.last_updated, chat.id))
        return [chat.id for chat in chats]

    @staticmethod
    def _listed(to: ChatPlace, same: list[str]) -> list[str]:
        return sorted(each for each in same if each <= to.id)

    async def _stored(self, chat_id: str) -> AsyncIterator[tuple[Opened, AsyncIterator[list[Opened]]]]:
        records = await self._store.chat(chat_id)
        opened = await self._keyring.open_records(Collection.CHATS, records)
        chat = self._as_left(chat_id, opened[0] if opened else None)
        self._done.add(chat_id)
        if chat is not None:
            yield chat, self._stored_messages(chat_id)

    async def _stored_messages(self, chat_id: str) -> AsyncIterator[list[Opened]]:
        unsent = UnsentChanges(self._outbox.of(chat_id))
        last = Position(0, "")
        while True:
            # The last one of a page begins the next one, unless it was deleted meanwhile.
            records = await self._store.messages_from(chat_id, PAGE, last)
            opened = await self._keyring.open_records(Collection.MESSAGES, records)
            fresh = [each for each in opened if each["clear"]["id"] != last.id]
            if not fresh:
                break
            clear = fresh[-1]["clear"]
            last = Position(clear["created_at"], clear["id"])
            yield unsent.messages(without_drafts(fresh))
        yield list(unsent.added())

    def _taken(self, read: list[ReadChat]) -> list[tuple[Opened, AsyncIterator[list[Opened]]]]:
        fresh = [each for each in read if each.id not in self._done and not each.is_deleted]
        self._done |= {each.id for each in read}
        found = ((self._as_left(each.id, each.record), each) for each in fresh)
        return [(chat, self._read_messages(each)) for chat, each in found if chat is not None]

    async def _read_messages(self, chat: ReadChat) -> AsyncIterator[list[Opened]]:
        unsent = UnsentChanges(self._outbox.of(chat.id))
        messages = without_drafts(chat.messages)
        for first in range(0, len(messages), PAGE):
            yield unsent.messages(messages[first : first + PAGE])
        yield list(unsent.added())

    def _as_left(self, chat_id: str, opened: Opened | None) -> Opened | None:
        """A chat as the person left it; None for one that they deleted, or that has nothing in it yet."""
        unsent = UnsentChanges(self._outbox.of(chat_id))
        known = self._view.find(chat_id)
        if unsent.is_deleted:
            return None
        chat = unsent.chat(opened, known.title if known else "")
        draft = self._view.draft_of(chat_id)
        return chat and {**chat, "texts": {**chat["texts"], "draft": draft}}
