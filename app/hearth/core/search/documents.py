"""Opened records as what is indexed: a message with its previews, each file of it, a chat's title, an app's entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hearth.core.records.contents import AppEntries, Chat
from hearth.core.records.schema import DRAFT
from hearth.core.search.normalize import fold, whole
from hearth.core.search.query import Kind

UNREADABLE = -1
"""The version under which a message that did not open is noted: any copy of it is newer."""

MAX_TEXT = 200_000
"""Characters of one message or file that are indexed: the beginning of a longer one."""


@dataclass(frozen=True, slots=True)
class Doc:
    """What is found: a message, a file of one, a chat's title, or an entry of an app. `at` in milliseconds.

    `ref` is the message's or entry's id, `part` tells the files of one message apart (0 is the message itself).
    """

    kind: Kind
    chat: str
    ref: str
    title: str
    body: str
    at: int = 0
    role: str = ""
    has_file: bool = False
    part: int = 0
    version: int = 0
    app: str = ""


def message_docs(opened: Mapping[str, Any]) -> list[Doc]:
    """A message and its files. What does not open, or is a draft, is noted without a text."""
    clear, texts, faults = opened["clear"], opened["texts"], opened["faults"]
    files, embeds = _objects(texts.get("files")), _objects(texts.get("embeds"))
    pieces = [] if clear["role"] == DRAFT else [texts.get("content") or ""]
    pieces += [_text(each.get(name)) for each in embeds for name in ("title", "description", "url")]
    message = Doc(
        kind=Kind.MESSAGE,
        chat=clear["chat_id"],
        ref=clear["id"],
        title="",
        body="\n".join(piece for piece in pieces if piece)[:MAX_TEXT],
        at=clear["created_at"],
        role=clear["role"],
        has_file=bool(files),
        version=UNREADABLE if faults else clear["version"],
    )
    return [
        message,
        *(
            Doc(
                kind=Kind.FILE,
                chat=message.chat,
                ref=message.ref,
                title=_text(each.get("name"))[:1_000],
                body=_text(each.get("text"))[:MAX_TEXT],
                at=message.at,
                role=message.role,
                has_file=True,
                part=part,
            )
            for part, each in enumerate(files, 1)
        ),
    ]


def title_doc(chat: Chat) -> Doc:
    """A chat's title and its draft."""
    title = "" if chat.unreadable else chat.title
    return Doc(Kind.CHAT, chat.id, "", title, chat.draft, at=chat.last_updated, version=chat.version)


def entry_docs(apps: Iterable[AppEntries], hidden: frozenset[str]) -> list[Doc]:
    """The settings and memories of apps that are not hidden from search; `hidden` names apps and entries by id."""
    return [
        Doc(Kind.MEMORY, app.id, entry.id, entry.name, f"{entry.value}\n{app.name}", app=fold(app.name))
        for app in apps
        if app.id not in hidden
        for entry in app.entries
        if entry.id not in hidden and not entry.fault
    ]


def _text(value: object) -> str:
    return whole(value) if isinstance(value, str) else ""


def _objects(text: str | None) -> list[dict[str, Any]]:
    try:
        value = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
