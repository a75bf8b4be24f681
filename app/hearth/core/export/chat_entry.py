"""A chat and its messages as an export's JSON has them, made of records that the keyring opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hearth.core.export.moments import exact
from hearth.core.records.schema import INTERRUPTED

FORMAT, VERSION = "hearth-chat", 1

Opened = Mapping[str, Any]


def chat_entry(opened: Opened) -> dict[str, Any]:
    """What the JSON of a chat says of the chat itself."""
    clear, texts = opened["clear"], opened["texts"]
    entry = {
        "format": FORMAT,
        "version": VERSION,
        "id": clear["id"],
        "title": texts.get("title") or "",
        "created_at": exact(clear["created_at"]),
        "last_updated": exact(clear["last_updated"]),
        "pinned": bool(texts.get("pinned")),
        "draft": texts.get("draft") or "",
    }
    return _with_faults(entry, opened)


def message_entry(opened: Opened) -> dict[str, Any]:
    """What the JSON of a chat says of one message; what does not apply to it is left out."""
    clear, texts = opened["clear"], opened["texts"]
    entry = {
        "id": clear["id"],
        "role": clear["role"],
        "created_at": exact(clear["created_at"]),
        "text": texts.get("content") or "",
    }
    for name in ("files", "embeds"):
        if texts.get(name):
            entry[name] = _items(texts[name])
    if clear["role"] == "user" and clear["version"] > 1:
        entry["edited"] = True
    if texts.get(INTERRUPTED):
        entry[INTERRUPTED] = True
    return _with_faults(entry, opened)


def _items(text: str) -> Any:
    """The files or embeds of a message; what is no JSON stays the text that it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _with_faults(entry: dict[str, Any], opened: Opened) -> dict[str, Any]:
    """With the names of the fields that did not open, and why."""
    return {**entry, "unreadable": dict(opened["faults"])} if opened["faults"] else entry


def as_line(value: Any) -> str:
    """JSON on one line, letters as they are."""
    return json.dumps(value, ensure_ascii=False)
