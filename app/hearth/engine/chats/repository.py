"""The chats in memory: titles of all, messages of the open one, read from the store and opened by the keyring."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from hearth.core.records.contents import Chat
from hearth.core.records.schema import DRAFT, Collection
from hearth.core.sync.older_chats import ChatPlace, OlderChats
from hearth.core.view.message import Message
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.core.view.presenters import chat_from, message_from
from hearth.ports.keys import Keyring, OpenedRecord
from hearth.ports.records import Records
from hearth.ports.storage import Position, Store, SyncState

FIRST_MESSAGES = 12
"""Messages shown at once when a chat opens: they fill a tall screen; the rest of the page follows."""

PAGE_MESSAGES = 40
"""Messages shown when a chat has opened, and added each time that older ones are wanted."""

END_MESSAGES = PAGE_MESSAGES + 1
"""Messages read when a chat opens: one more than shown tells whether there are older ones."""

FEW_CHATS = 8
"""Up to this many chats are read again one by one; of more, all are read at once."""

AROUND_MESSAGES = 20
"""Messages shown before, and from, the one at which a chat is opened."""


@dataclass(frozen=True, slots=True)
class PageRest:
    """What of a chat's first page was read and opened together with its end, and is not shown yet."""

    messages: Sequence[OpenedRecord]
    has_older: bool


@dataclass(slots=True)
class ChatRepository:
    """What is on the device, as far as it is in memory.

    `complete` are the chats whose messages are all stored; once a warming was completed, all but the `partial` are:
    chats beyond the warming, of which only what changed has come.
    """

    store: Store
    keyring: Keyring
    chats: dict[str, Chat] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)
    partial: set[str] = field(default_factory=set)
    warmed: bool = False
    older_chats: OlderChats | None = None
    """How far the list goes, and how many chats the account has beyond; None where that has never been told."""
    listing_older: bool = False
    """Whether older chats were asked for that have not come yet."""
    deleted_elsewhere: dict[str, ChatPlace] = field(default_factory=dict)
    """Chats that were not here, with the place that they had; whoever counts chats takes them out."""
    unreadable: dict[tuple[Collection, str], None] = field(default_factory=dict)
    """Records that did not open, in the order in which they were met; each is refetched once."""
    fetching: set[str] = field(default_factory=set)
    """Chats that are not here and that the person wants fetched."""
    not_found: set[str] = field(default_factory=set)
    """Chats that were deleted, or that the server does not have for this account."""

    def restore(self, state: SyncState) -> None:
        """Take over where the device stands."""
        self.warmed = state.cursor is not None
        self.complete |= set(state.have)
        self.partial = set(state.partial)
        self.older_chats = state.older

    async def reread(self, chat_ids: Sequence[str] | None = None) -> None:
        """Bring chats in step with the store, which another tab writes; without ids, all of them."""
        doubtful = set(self.chats) if chat_ids is None else set(chat_ids)
        if len(doubtful) > FEW_CHATS or chat_ids is None:
            doubtful -= await self.learn(await self.store.chats())
        for chat_id in doubtful:
            records = await self.store.chat(chat_id)
            await self.learn(records)
            if not len(records):
                self.chats.pop(chat_id, None)
                self.complete.discard(chat_id)

    async def learn(self, records: Records) -> set[str]:
        """Take over chats' records: the higher version wins, tombstones remove. The ids that changed."""
        changed = set()
        for opened in await self.keyring.open_records(Collection.CHATS, records):
            clear = opened["clear"]
            known = self.chats.get(clear["id"])
            if known and known.version > clear["version"]:
                continue
            changed.add(clear["id"])
            if clear["deleted_at"] is not None:
                if self.chats.pop(clear["id"], None) is None:
                    self.deleted_elsewhere[clear["id"]] = ChatPlace(clear["last_updated"], clear["id"])
                self.complete.discard(clear["id"])
                self.not_found.add(clear["id"])
                continue
            self.fetching.discard(clear["id"])
            self.not_found.discard(clear["id"])
            self.chats[clear["id"]] = chat_from(opened)
            self._note_faults(Collection.CHATS, opened)
        return changed

    def is_complete(self, chat_id: str) -> bool:
        """Whether all of a chat's messages are on the device."""
        return chat_id not in self.partial and (self.warmed or chat_id in self.complete)

    @property
    def stored(self) -> int:
        """How many chats are on the device with all their messages."""
        return sum(map(self.is_complete, self.chats))

    def places(self) -> list[ChatPlace]:
        """The places of all chats that are listed."""
        return [ChatPlace(chat.last_updated, chat.id) for chat in self.chats.values()]

    @property
    def total(self) -> int:
        """How many chats the account has, as far as the server has told."""
        return len(self.chats) + (self.older_chats.not_listed(self.places()) if self.older_chats else 0)

    def partial_after(self, met: Set[str], complete: Set[str]) -> set[str] | None:
        """Which chats are partial once chats were met for the first time, and others completed; None: as before."""
        after = ((self.partial | met) & self.chats.keys()) - complete
        return None if after == self.partial else after

    async def open_page(
        self, chat_id: str, now: datetime, limit: int = PAGE_MESSAGES, source: Records | None = None
    ) -> OpenedChat:
        """The newest `limit` messages of a chat, from the store, or from the records of a frame."""
        chat = self.chats.get(chat_id)
        if chat is None:
            return self._missing(chat_id)
        if source is None and not self.is_complete(chat_id):
            return OpenedChat(chat, ChatState.LOADING)
        records = await self.store.messages(chat_id, limit + 1) if source is None else source
        messages = await self._messages(records[-limit:], now)
        state = ChatState.READY if messages else ChatState.EMPTY
        return OpenedChat(chat, state, messages, len(records) > limit)

    def _missing(self, chat_id: str) -> OpenedChat:
        """What is shown in place of a chat that is not on the device."""
        if chat_id in self.not_found:
            title, state = "This chat is not here", ChatState.GONE
        elif chat_id in self.fetching:
            title, state = "Fetching a chat", ChatState.FETCHING
        elif self.warmed:
            title, state = "This chat is not here", ChatState.ABSENT
        else:
            title, state = "Opening a chat", ChatState.LOADING  # it may still come
        return OpenedChat(Chat(chat_id, title, last_updated=0, version=0), state)

    async def open_end(
        self, chat_id: str, now: datetime, source: Records | None = None
    ) -> tuple[OpenedChat, PageRest | None]:
        """The newest messages of a chat, and what else of its first page was read with them.

        `source` is what the store's `messages` would answer, when that was read already.
        """
        chat = self.chats.get(chat_id)
        if chat is None or not self.is_complete(chat_id):
            return await self.open_page(chat_id, now), None
        records = await self.store.messages(chat_id, END_MESSAGES) if source is None else source
        opened = await self._open(records[-PAGE_MESSAGES:])
        rest = PageRest(opened[:-FIRST_MESSAGES], len(records) > PAGE_MESSAGES)
        messages = tuple(message_from(each, now) for each in opened[-FIRST_MESSAGES:])
        state = ChatState.READY if messages else ChatState.EMPTY
        page = OpenedChat(chat, state, messages, bool(rest.messages))
        return page, rest if rest.messages else None

    def complete_page(self, end: OpenedChat, rest: PageRest, now: datetime) -> OpenedChat:
        """A chat's first page, of its end and the rest."""
        messages = tuple(message_from(each, now) for each in rest.messages)
        return replace(end, messages=messages + end.messages, has_older=rest.has_older)

    async def open_around(self, chat_id: str, position: Position, now: datetime) -> OpenedChat:
        """The messages around a position, or the newest when the chat is not all here."""
        chat = self.chats.get(chat_id)
        if chat is None or not self.is_complete(chat_id):
            return await self.open_page(chat_id, now)
        before = await self.store.messages(chat_id, AROUND_MESSAGES + 1, position)
        after = await self.store.messages_from(chat_id, AROUND_MESSAGES + 1, position)
        messages = await self._messages(before[-AROUND_MESSAGES:], now)
        messages += await self._messages(after[:AROUND_MESSAGES], now)
        if not messages:
            return await self.open_page(chat_id, now)
        has_older, has_newer = len(before) > AROUND_MESSAGES, len(after) > AROUND_MESSAGES
        return OpenedChat(chat, ChatState.READY, messages, has_older, has_newer, marked=position.id)

    async def reopen(self, chat: OpenedChat, now: datetime) -> OpenedChat:
        """The same stretch of messages as they are stored now, for a chat that does not show its latest."""
        known = self.chats.get(chat.id)
        if known is None or not chat.messages:
            return await self.open_page(chat.id, now)
        first = Position(chat.messages[0].created_at, chat.messages[0].id)
        records = await self.store.messages_from(chat.id, len(chat.messages) + 1, first)
        messages = await self._messages(records[: len(chat.messages)], now)
        if not messages:
            return await self.open_page(chat.id, now)
        has_newer = len(records) > len(chat.messages)
        return replace(chat, chat=known, messages=messages, has_newer=has_newer)

    async def newer(self, chat: OpenedChat, now: datetime, limit: int = PAGE_MESSAGES) -> OpenedChat:
        """The same chat with one more page of messages after its newest."""
        if not chat.messages:
            return chat
        newest = Position(chat.messages[-1].created_at, chat.messages[-1].id)
        records = await self.store.messages_from(chat.id, limit + 2, newest)
        # The position itself may be gone by now.
        more = await self._messages(records[: limit + 1], now)
        known = {message.id for message in chat.messages}
        messages = tuple(message for message in more if message.id not in known)
        return replace(chat, messages=chat.messages + messages, has_newer=len(records) > limit + 1)

    async def older(self, chat: OpenedChat, now: datetime, limit: int = PAGE_MESSAGES) -> OpenedChat:
        """The same chat with one more page of messages before its oldest."""
        if not chat.messages:
            return chat
        oldest = chat.messages[0]
        position = Position(oldest.created_at, oldest.id)
        records = await self.store.messages(chat.id, limit + 1, position)
        messages = await self._messages(records[-limit:], now)
        return replace(chat, messages=messages + chat.messages, has_older=len(records) > limit)

    async def _messages(self, records: Records, now: datetime) -> tuple[Message, ...]:
        return tuple(message_from(each, now) for each in await self._open(records))

    async def _open(self, records: Records) -> list[OpenedRecord]:
        """Messages as the keyring opens them, oldest first, without the chat's draft."""
        opened = await self.keyring.open_records(Collection.MESSAGES, records)
        for each in opened:
            self._note_faults(Collection.MESSAGES, each)
        sent = [each for each in opened if each["clear"]["role"] != DRAFT]
        return sorted(sent, key=lambda each: (each["clear"]["created_at"], each["clear"]["id"]))

    def _note_faults(self, collection: Collection, opened: OpenedRecord) -> None:
        if opened["faults"]:
            self.unreadable.setdefault((collection, opened["clear"]["id"]))
