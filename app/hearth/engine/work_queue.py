"""The engine's one queue: what the person does comes before what the network brings, equals in their order."""

from __future__ import annotations

import asyncio
import itertools

from hearth.engine.intents.intent import Intent
from hearth.engine.queue_items import (
    ChatShown,
    CompletePage,
    ContinueChecks,
    KeepView,
    LearnDrafts,
    LostLeadership,
    SessionItem,
    TabMessage,
    Wiped,
)

Item = Intent | SessionItem | TabMessage | Wiped

_PERSON, _SOON, _SHOWN, _NETWORK, _IDLE = range(5)


def _urgency(item: Item) -> int:
    match item:
        case ContinueChecks() | KeepView() | LearnDrafts():
            return _IDLE
        case ChatShown():
            return _SHOWN
        case TabMessage() | CompletePage():
            return _SOON
        case LostLeadership():
            return _PERSON  # Before any frame that would still be written.
        case _:
            return _PERSON if isinstance(item, Intent) else _NETWORK


class WorkQueue:
    """Items by urgency; of the same urgency, first in, first out."""

    def __init__(self) -> None:
        self._queue: asyncio.PriorityQueue[tuple[int, int, Item]] = asyncio.PriorityQueue()
        self._order = itertools.count()

    def put(self, item: Item) -> None:
        """Put something in."""
        self._queue.put_nowait((_urgency(item), next(self._order), item))

    async def get(self) -> Item:
        """The most urgent item; waits for one."""
        return (await self._queue.get())[2]

    def drop_session(self) -> None:
        """Take out what an ended session had posted; intents and what other tabs said stay."""
        waiting = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        for each in waiting:
            if isinstance(each[2], Intent | TabMessage):
                self._queue.put_nowait(each)
