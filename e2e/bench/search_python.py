"""Runs inside the page's Python, for the benchmark `search` only: Hearth's index as the app uses it."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

from app.core.search.docs import Doc
from app.core.search.present import present
from app.core.search.query import Kind, parse
from app.core.viewmodel import Chat
from app.search.finder import Finder
from app.search.index import Index
from app.search.indexer import PUT, STEP_S

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


async def measure(docs_json: str, queries_json: str) -> str:
    """Build in the app's steps, and type every query key by key; milliseconds, and bytes as JSON text."""
    docs = [
        Doc(Kind.MESSAGE, f"c{at // 100}", str(each["id"]), "", each["body"], at=at)
        for at, each in enumerate(json.loads(docs_json))
    ]
    chats = {doc.chat: Chat(doc.chat, doc.chat, 0, 1) for doc in docs}
    index, steps, step, build = Index(), [], 0.0, 0.0
    for start in range(0, len(docs), PUT):
        began = time.perf_counter()
        index.put(docs[start].chat, docs[start : start + PUT])
        step += time.perf_counter() - began
        if step >= STEP_S:
            steps.append(step)
            build, step = build + step, 0.0
            await asyncio.sleep(0)
    for part in index.all_parts():
        began = time.perf_counter()
        _ = part.vocabulary
        steps.append(time.perf_counter() - began)
        build += steps[-1]
    strokes = []
    finder = Finder(index, time.perf_counter)
    for query in json.loads(queries_json):
        for end in range(1, len(query) + 1):
            began = time.perf_counter()
            answer = await finder.answer(parse(query[:end], NOW), NOW)
            present(answer.docs, answer.marks, chats, NOW)
            strokes.append((time.perf_counter() - began) * 1000)
    contents = [part.slice.content() for part in index.parts]
    began = time.perf_counter()
    again = Index()
    for at, content in enumerate(contents):
        again.adopt(str(at), content)
    load = time.perf_counter() - began
    found: dict[str, Any] = {
        "build": build * 1000,
        "strokes": strokes,
        "kept": sum(map(len, contents)),
        "load": load * 1000,
        "longest": max(steps) * 1000,
    }
    for each in (index, again):
        each.close()
    return json.dumps(found)
