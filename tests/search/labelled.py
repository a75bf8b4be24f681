"""The labelled set: a small corpus in many languages, and queries with what each has to find."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from hearth.core.records.contents import AppEntries, Chat, Entry
from hearth.core.search.documents import Doc, entry_docs, message_docs, title_doc
from hearth.core.search.query import Kind, parse
from hearth.engine.search.index import Index
from hearth.engine.search.searcher import Searcher
from hearth.engine.search.shard import Shard

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
FILE = Path(__file__).with_name("labelled.json")


@cache
def labelled() -> dict[str, Any]:
    """The corpus and the queries."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def docs() -> list[Doc]:
    """The corpus as it is indexed."""
    found: list[Doc] = []
    for message in labelled()["messages"]:
        at = int(datetime.fromisoformat(message["at"]).replace(tzinfo=UTC).timestamp() * 1000)
        clear = {
            "id": message["id"],
            "chat_id": message["chat"],
            "role": message["role"],
            "created_at": at,
            "version": 1,
        }
        texts = {"content": message["text"], "files": json.dumps(message["files"]), "embeds": None}
        found += message_docs({"clear": clear, "texts": texts, "faults": {}})
    return found


def index() -> Index:
    """The index of the corpus."""
    data, made = labelled(), Index()
    for doc in docs():
        made.put(doc.chat, [doc])
    made.put_titles([title_doc(Chat(chat, title, 0, 1)) for chat, title in data["chats"].items()], [])
    entries = data["memories"]
    apps = [AppEntries(e["app"], e["app"], (Entry(e["id"], "memory", e["name"], e["value"]),)) for e in entries]
    listed = Shard()
    listed.put(entry_docs(apps, frozenset()))
    made.replace_entries(listed)
    return made


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a query found of what it had to find."""

    query: str
    missed: tuple[str, ...]
    wrong: tuple[str, ...]


async def found(made: Index, text: str) -> set[str]:
    """The names of what a query finds, however many there are."""
    answer = await Searcher(made, time.monotonic).answer(parse(text, NOW), NOW, times=100)
    return {doc.chat if doc.kind is Kind.CHAT else doc.ref for doc in answer.docs}


async def outcomes(made: Index) -> list[Outcome]:
    """Every query of the set."""
    told = []
    for each in labelled()["queries"]:
        names = await found(made, each["query"])
        missed = tuple(name for name in each["expect"] if name not in names)
        wrong = tuple(name for name in each.get("absent", ()) if name in names)
        told.append(Outcome(each["query"], missed, wrong))
    return told
