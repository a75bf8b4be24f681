"""Runs inside the page's Python, for the benchmark `search` only: Hearth's index as the app makes and asks it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from hearth.core.records.contents import Chat
from hearth.core.search.query import parse
from hearth.core.view.search_presenters import present
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.index import Index
from hearth.engine.search.indexer import Indexer
from hearth.engine.search.memory_index import MemorySearchIndex, StoredIndex
from hearth.engine.search.searcher import Answer, Searcher
from hearth.engine.search.shard import warm_up
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.ports.keys import Keyring

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
A_CHAT = 100
"""Messages of a chat."""

held: list[Any] = []


class _Library:
    """Chats that are all here."""

    def __init__(self, chats: Mapping[str, Chat]) -> None:
        self.chats = chats

    def is_complete(self, chat_id: str) -> bool:
        """All of them are."""
        return chat_id in self.chats


class _Entries:
    """No apps."""

    async def apps(self) -> list[Any]:
        """None."""
        return []


class _Keyring:
    """Opens what was never sealed: what is measured is the index."""

    async def open_records(self, _: object, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Records in the shape of opened ones."""
        return [{"clear": row, "texts": {"content": row["text"]}, "faults": {}} for row in records]


async def measure(docs_json: str, queries_json: str) -> str:
    """Build with the app's own task, and type every query key by key; milliseconds, and bytes, as JSON text."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for at, each in enumerate(json.loads(docs_json)):
        chat = f"c{at // A_CHAT}"
        clear = {"id": str(each["id"]), "chat_id": chat, "created_at": at, "version": 1, "role": "user"}
        rows.setdefault(chat, []).append({**clear, "deleted_at": None, "text": each["body"]})
    chats = {chat: Chat(chat, chat, at, 1) for at, chat in enumerate(rows)}
    rehearsing = _rehearsed()
    indexer, steps = await _built(rows, chats)
    held.append(indexer)
    index = indexer.index
    strokes, first = [], []
    finder = Searcher(index, time.perf_counter)
    for query in json.loads(queries_json):
        for end in range(1, len(query) + 1):
            told: list[float] = []

            def show(answer: Answer, told: list[float] = told) -> None:
                present(answer.docs, answer.marks, chats, NOW)
                told.append(time.perf_counter())

            began = time.perf_counter()
            show(await finder.answer(parse(query[:end], NOW), NOW, so_far=show))
            strokes.append((told[-1] - began) * 1000)
            first.append((told[0] - began) * 1000)
    contents = []
    for part in index.parts:
        began = time.perf_counter()
        contents.append(part.slice.content())
        steps.append(time.perf_counter() - began)
    load, again = 0.0, Index()
    for at, content in enumerate(contents):
        began = time.perf_counter()
        again.adopt(str(at), content)
        steps.append(time.perf_counter() - began)
        load += steps[-1]
    again.close()
    return json.dumps(
        {
            "build": sum(steps[: -2 * len(contents)]) * 1000,
            "longest": max(steps) * 1000,
            "rehearsal": sum(rehearsing) * 1000,
            "rehearsal_longest": max(rehearsing) * 1000,
            "strokes": strokes,
            "first": first,
            "kept": sum(map(len, contents)),
            "load": load * 1000,
        }
    )


def _rehearsed() -> list[float]:
    """What a page does once, while a password is derived: how long each piece took, in seconds."""
    steps = []
    began = time.perf_counter()
    for _ in warm_up():
        steps.append(time.perf_counter() - began)
        began = time.perf_counter()
    return [*steps, time.perf_counter() - began]


async def _built(rows: dict[str, list[dict[str, Any]]], chats: Mapping[str, Chat]) -> tuple[Indexer, list[float]]:
    """An index with its words listed and its pieces merged, and how long each step took, in seconds."""
    steps: list[float] = []
    since = time.perf_counter()

    async def yield_control() -> None:
        nonlocal since
        steps.append(time.perf_counter() - since)
        await asyncio.sleep(0)
        since = time.perf_counter()

    indexer = Indexer(
        cast(ChatRepository, _Library(chats)),
        cast(EntryRepository, _Entries()),
        cast(Keyring, _Keyring()),
        MemorySearchIndex(StoredIndex(), lambda chat: rows[chat], lambda found: found),
        time.perf_counter,
        keeps=lambda: False,
        yield_control=yield_control,
    )
    await asyncio.sleep(0.3)  # Until the browser has put away what brought the messages here.
    since = time.perf_counter()
    indexer.start()
    seen = -1
    while seen != len(steps) or not indexer.progress.complete:
        seen = len(steps)
        await asyncio.sleep(0.3)
    return indexer, steps
