"""One warming as one device gets it: the frames of the five events, without what the device has already."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Set
from dataclasses import replace
from typing import TypeVar

from hearth.core.protocol.device_events import Hello
from hearth.core.protocol.server_events import (
    FirstChatReady,
    RecentChatsReady,
    RecordsEvent,
    RemainingChatsReady,
    ServerEvent,
    SettingsAndMemoriesReady,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from server_mock.protocol.change_log import Stamps
from server_mock.protocol.chat_pages import ChatPage
from server_mock.protocol.packing import REMAINING_CHARS, Load, Unit, pack
from server_mock.protocol.warming import WarmChat, Warming, WarmRecord

_E = TypeVar("_E", bound=RecordsEvent)

Frame = tuple[ServerEvent, Load | None]
FindLost = Callable[[Set[str]], Awaitable[list[Unit]]]


class WarmingStream:
    """Turns a warming into frames for the device that said `hello`.

    `wants` is shared with who reads from the device: a chat named there comes first among the remaining
    ones. `of` may grow with it; the frame whose `batch` equals `of` ends its phase. `find_lost` says what
    happened to chats that the device holds and the warming does not bring: it has to know before it is
    told that it is complete.
    """

    def __init__(self, warming: Warming, stamps: Stamps, hello: Hello, wants: deque[str], find_lost: FindLost) -> None:
        self._warming = warming
        self._find_lost = find_lost
        self._stamps = stamps
        self._hello = hello
        self._wants = wants
        self._stamp = 0
        self.covered: set[str] = set()
        """The chats that this warming brings, or has found on the device."""
        self.sent: Counter[Collection] = Counter()

    async def frames(self) -> AsyncIterator[Frame]:
        """The frames, each as soon as its records are there. Raises `DirectusError`."""
        warming = self._warming
        self._stamp = await warming.stamp()
        first = await warming.first()
        yield_first = FirstChatReady(chat_id=first.id if first else None)
        for frame in self._phase(yield_first, pack([self._whole(first)] if first else [])):
            yield frame
        chats = await warming.listing()
        others = [chat for chat in chats if first is None or chat.id != first.id]
        total = len(others) + (first is not None)
        self.covered.update(chat.id for chat in chats)
        async for frame in self._recent(others, RecentChatsReady(total_chats=total)):
            yield frame
        settings = self._settings(await warming.settings())
        for frame in self._phase(SettingsAndMemoriesReady(), pack([settings])):
            yield frame
        remaining = [chat for chat in await warming.remaining() if first is None or chat.id != first.id]
        units = await self._find_lost(self.covered)
        units += [self._messages(chat) for chat in remaining if not self._has(chat)]
        for frame in self._remaining(units):
            yield frame
        yield self._complete(total, await warming.page()), None

    async def _recent(self, others: list[WarmChat], event: RecentChatsReady) -> AsyncIterator[Frame]:
        held = {chat.id: chat.changed_at for chat in others if self._has(chat)}
        listing = Unit([chat.metadata for chat in others if chat.id not in held], held)
        early: list[Load] = []
        if not self._warming.recent_is_ready:
            # The list of chats fills while Directus still looks for their messages.
            early = pack([listing])
            for frame in self._phase(event, early, more=1):
                yield frame
        recent = await self._warming.recent()
        units = [self._messages(chat) for chat in others if chat in recent and chat.id not in held]
        for frame in self._phase(event, pack(units if early else [listing, *units]), after=len(early)):
            yield frame

    def _remaining(self, units: list[Unit]) -> Iterator[Frame]:
        loads = deque(pack(units, REMAINING_CHARS)) if units else deque()
        batch = 0
        while loads:
            for _ in range(len(self._wants)):
                self._bring_forward(self._wants.popleft(), loads)
            load = loads.popleft()
            batch += 1
            yield self._filled(RemainingChatsReady(batch=batch, of=batch + len(loads)), load)

    def _bring_forward(self, chat_id: str, loads: deque[Load]) -> None:
        if chat_id not in self.covered:
            # Not of this warming: whoever follows it looks for the chat.
            self._wants.append(chat_id)
            return
        wanted = [unit for load in loads for unit in load.units if unit.chat_id == chat_id]
        if not wanted:
            return
        rest = [unit for load in loads for unit in load.units if unit.chat_id != chat_id]
        loads.clear()
        loads.extend(pack(wanted, REMAINING_CHARS))
        if rest:
            loads.extend(pack(rest, REMAINING_CHARS))

    def _complete(self, total: int, page: ChatPage) -> WarmingComplete:
        return WarmingComplete(
            stamp=self._stamps.text(self._stamp),
            sent=dict(self.sent),
            total_chats=total,
            older_count=page.older,
            listed_to=page.listed_to,
            listed_id=page.listed_id,
        )

    def _phase(self, event: _E, loads: list[Load], after: int = 0, more: int = 0) -> Iterator[Frame]:
        """The loads as frames of one event, `after` so many earlier ones and with `more` to be expected."""
        of = after + len(loads) + more
        for batch, load in enumerate(loads, start=after + 1):
            yield self._filled(replace(event, batch=batch, of=of), load)

    def _filled(self, event: RecordsEvent, load: Load) -> Frame:
        counts = load.counts()
        self.sent.update(counts)
        return replace(event, counts=counts, complete=load.complete()), load

    def _has(self, chat: WarmChat) -> bool:
        return self._hello.have.get(chat.id) == chat.changed_at

    def _whole(self, chat: WarmChat) -> Unit:
        self.covered.add(chat.id)
        if self._has(chat):
            return Unit((), {chat.id: chat.changed_at}, chat.id)
        messages = self._messages(chat)
        return Unit([chat.metadata, *messages.records], messages.complete, chat.id)

    def _messages(self, chat: WarmChat) -> Unit:
        # Who may hold older messages of the chat needs its tombstones; a new device does not.
        with_tombstones = chat.id in self._hello.have or self._hello.since is not None
        records = [record.rendered for record in chat.messages or () if with_tombstones or not record.deleted]
        # Changed after the stamp: its messages may have been read before the change.
        complete = {chat.id: chat.changed_at} if chat.changed_at <= self._stamp else {}
        return Unit(records, complete, chat.id)

    def _settings(self, records: Iterable[WarmRecord]) -> Unit:
        have = self._hello.have_settings
        return Unit(
            [
                record.rendered
                for record in records
                if have.get(record.rendered.id) != record.changed_at
                and (not record.deleted or record.rendered.id in have or self._hello.since is not None)
            ]
        )
