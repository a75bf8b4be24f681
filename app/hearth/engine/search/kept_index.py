"""What is kept of the search index: shards, sealed, taken over at the start and kept again when they change."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from hearth.core.errors import SealError
from hearth.engine.search.index import Index, Part
from hearth.engine.search.pace import Pace
from hearth.engine.search.shard import warm_up
from hearth.ports.keys import Keyring
from hearth.ports.storage import KeepShard, SearchIndexStore

AHEAD = 6
"""Kept shards that are read and opened at once, on other threads; with more, the newest would not be there sooner."""


class KeptIndex:
    """Brings the index from the device and back; `keeps` says whether this page may write what is kept."""

    def __init__(
        self,
        index: Index,
        keyring: Keyring,
        search_index: SearchIndexStore,
        keep: KeepShard,
        keeps: Callable[[], bool],
        pace: Pace,
        on_first: Callable[[], None],
    ) -> None:
        self._index = index
        self._keyring = keyring
        self._search_index = search_index
        self._keep = keep
        self._keeps = keeps
        self._pace = pace
        self._on_first = on_first

    async def take_over(self, kept: Sequence[str] | None) -> None:
        """Read back what is kept. What does not open, or is of another layout, is forgotten and built anew."""
        names = await self._search_index.names() if kept is None else kept
        names = sorted(names, key=lambda name: (len(name), name))
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
                if content is None or not self._index.adopt(name, content):
                    useless.append(name)
                elif len(self._index.parts) == 1:
                    self._on_first()
                await self._pace.breathe()
        finally:
            for each in opener:
                each.cancel()
        if useless and self._keeps():
            await self._search_index.forget(useless)

    async def _rehearse(self) -> None:
        """Each piece in a step of its own: how long the browser compiles is not known before."""
        for _ in warm_up():
            await self._pace.pause()

    async def _open(self, name: str) -> bytes | None:
        try:
            return await self._keyring.open_kept(name, await self._search_index.read(name))
        except SealError:
            return None

    async def save(self) -> None:
        """Keep the shards that changed, and forget those that are no longer among them."""
        for part in self._index.parts:
            if part.changed and part.chats:
                await self._save_part(part)
        settled = {chat: token for part in self._index.parts if not part.chats for chat, token in part.settles.items()}
        self._index.remove_empty()
        names = {part.name for part in self._index.parts}
        others = [name for name in await self._search_index.names() if name not in names]
        if others:
            await self._search_index.forget(others)
        if settled:
            await self._search_index.settle(settled)

    async def _save_part(self, part: Part) -> None:
        while (part.slice.loose or part.slice.deleted) and part.slice.merge():
            await self._pace.breathe()
        content = part.slice.content()
        settles, part.settles = part.settles, {}
        part.changed = False
        sealed = await self._keyring.seal_kept(part.name, content)
        await self._keep(part.name, sealed, settles)
        await self._pace.breathe()
