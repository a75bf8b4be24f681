"""Warming: five Directus requests for one user, whose answers become ready in the order of the protocol.

    sign-in ─┬─► 1  the last opened chat by id  ─┬─► first
             ├─► 2  its messages                ─┘
             ├─► 3  the 100 last updated chats  ───► listing ──► 4  their messages ─┬─► recent
             └─► 5  settings and memories       ───► settings                       └─► remaining

One warming serves every device that signs in while it runs or shortly after: it holds each record once, as
JSON text. What changes meanwhile is not its business: a connection goes on from the warming's stamp.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.accounts import UserEntry
from server_mock.protocol.change_log import UserState
from server_mock.protocol.chat_pages import ChatPage, read_page
from server_mock.protocol.delta import owned_by
from server_mock.protocol.packing import Rendered, render, render_all
from server_mock.protocol.tasks import task_group

CHATS = 100
"""How many chats a warming brings: the last updated ones."""

RECENT = 10
"""How many of them `recent_chats_ready` brings with their messages."""

_YIELD_EVERY = 8
"""Chats rendered before others get their turn on the event loop."""


@dataclass(frozen=True, slots=True)
class WarmRecord:
    """One record, ready to travel."""

    rendered: Rendered
    changed_at: int
    deleted: bool = False


@dataclass(slots=True)
class WarmChat:
    """One chat, ready to travel; `messages` has the tombstones of deleted ones, too, and is None until known."""

    id: str
    changed_at: int
    metadata: Rendered
    messages: Sequence[WarmRecord] | None = None


class Warming:
    """The answers of one warming as they become ready; every method may be awaited by many."""

    def __init__(self, client: DirectusClient, state: UserState, user: UserEntry) -> None:
        self._client = client
        self._state = state
        self._user = user
        loop = asyncio.get_running_loop()
        self._stamp: asyncio.Future[int] = loop.create_future()
        self._first: asyncio.Future[WarmChat | None] = loop.create_future()
        self._listing: asyncio.Future[list[WarmChat]] = loop.create_future()
        self._page: asyncio.Future[ChatPage] = loop.create_future()
        self._recent: asyncio.Future[None] = loop.create_future()
        self._settings: asyncio.Future[list[WarmRecord]] = loop.create_future()
        self._remaining: asyncio.Future[None] = loop.create_future()
        self.chars = 0
        """The length of everything that is kept."""

    async def run(self) -> None:
        """Make the requests. An error goes to everyone who waits, and is raised, too."""
        try:
            self._stamp.set_result(await self._state.begin_read())
            async with task_group() as group:
                chat_id = self._user.last_opened
                if chat_id is None:
                    self._first.set_result(None)
                else:
                    read = (
                        group.create_task(self._client.read("chats", chat_id)),
                        group.create_task(self._messages([chat_id])),
                    )
                    group.create_task(self._join_first(*read))
                group.create_task(self._read_chats())
                group.create_task(self._read_settings())
        except BaseException as error:
            # A warming that is cancelled leaves nobody waiting either.
            told = error if isinstance(error, Exception) else asyncio.CancelledError()
            for part in self._parts():
                if not part.done():
                    part.set_exception(told)
                    part.exception()
            raise

    async def stamp(self) -> int:
        """Where a device stands that has everything of this warming."""
        return await asyncio.shield(self._stamp)

    async def first(self) -> WarmChat | None:
        """The last opened chat with its messages, or None when there is none (any longer)."""
        return await asyncio.shield(self._first)

    async def listing(self) -> list[WarmChat]:
        """The last updated chats, newest first; their messages may still be unknown."""
        return await asyncio.shield(self._listing)

    async def page(self) -> ChatPage:
        """Where the listing ends, and how many chats come after it."""
        return await asyncio.shield(self._page)

    async def recent(self) -> list[WarmChat]:
        """The first `RECENT` of the listing, with their messages."""
        await asyncio.shield(self._recent)
        return (await self.listing())[:RECENT]

    @property
    def recent_is_ready(self) -> bool:
        """Whether `recent` would answer at once."""
        return self._recent.done()

    async def settings(self) -> list[WarmRecord]:
        """Every setting and memory, with the tombstones of deleted ones."""
        return await asyncio.shield(self._settings)

    async def remaining(self) -> list[WarmChat]:
        """The rest of the listing, with their messages."""
        await asyncio.shield(self._remaining)
        return (await self.listing())[RECENT:]

    def _parts(self) -> list[asyncio.Future[Any]]:
        return [self._stamp, self._first, self._listing, self._page, self._recent, self._settings, self._remaining]

    async def _join_first(self, chat: Awaitable[Row | None], messages: Awaitable[list[Row]]) -> None:
        """Requests 1 and 2, which are under way at the same time, make the first chat."""
        row = await chat
        rows = await messages
        if row is None or row["deleted_at"] is not None or not owned_by(row, self._user.hashed_id):
            self._first.set_result(None)
            return
        warm = self._warm_chat(row)
        warm.messages = self._warm_records(Collection.MESSAGES, rows)
        self._state.learn_chats([warm.id])
        self._first.set_result(warm)

    async def _read_chats(self) -> None:
        """Request 3, then request 4."""
        page = await read_page(self._client, self._user.hashed_id, limit=CHATS)
        chats = [self._warm_chat(row) for row in page.rows]
        self._page.set_result(page)
        self._state.learn_chats([chat.id for chat in chats])
        self._listing.set_result(chats)
        # The last opened chat comes with request 2; alone it is asked for again, so that 4 is always made.
        others = [chat.id for chat in chats if chat.id != self._user.last_opened]
        by_chat: dict[str, list[Row]] = {}
        for message in await self._messages(others or [chat.id for chat in chats]):
            by_chat.setdefault(message["chat_id"], []).append(message)
        first = await self.first()
        for number, chat in enumerate(chats, start=1):
            if first is not None and chat.id == first.id:
                chat.messages = first.messages
            else:
                chat.messages = self._warm_records(Collection.MESSAGES, by_chat.pop(chat.id, ()))
            if number == RECENT:
                self._recent.set_result(None)
            if number % _YIELD_EVERY == 0:
                await asyncio.sleep(0)
        if not self._recent.done():
            self._recent.set_result(None)
        self._remaining.set_result(None)

    async def _read_settings(self) -> None:
        """The one request for settings and memories."""
        rows = await self._client.search(
            "settings_and_memories", filter={"hashed_user_id": {"_eq": self._user.hashed_id}}, sort=("id",)
        )
        self._settings.set_result(self._warm_records(Collection.SETTINGS_AND_MEMORIES, rows))

    async def _messages(self, chat_ids: Sequence[str]) -> list[Row]:
        if not chat_ids:
            return []
        which = {"_eq": chat_ids[0]} if len(chat_ids) == 1 else {"_in": list(chat_ids)}
        mine = {"hashed_user_id": {"_eq": self._user.hashed_id}, "chat_id": which}
        return await self._client.search("messages", filter=mine, sort=("created_at", "id"))

    def _warm_chat(self, row: Row) -> WarmChat:
        metadata = render(Collection.CHATS, row)
        self.chars += len(metadata.text)
        return WarmChat(row["id"], row["changed_at"], metadata)

    def _warm_records(self, collection: Collection, rows: Iterable[Row]) -> list[WarmRecord]:
        records = []
        for row in rows:
            rendered = render_all(collection, [row])[0]
            self.chars += len(rendered.text)
            records.append(WarmRecord(rendered, row["changed_at"], row["deleted_at"] is not None))
        return records
