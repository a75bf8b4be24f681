"""The files of an export beside its chats: what is in it, settings and memories, and a page to read first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hearth.core.records.manifest import is_manifest, is_shard

EXPORT_FORMAT, EXPORT_VERSION = "hearth-export", 1
ENTRIES_FORMAT, ENTRIES_VERSION = "hearth-settings-and-memories", 1

INDEX_FILE = "hearth.json"
ENTRIES_FILE = "settings-and-memories.json"
README_FILE = "README.txt"
CHATS_FOLDER = "chats"
FILES_FOLDER = "files"


@dataclass(slots=True)
class Contents:
    """What an export has come to hold; `missing` are sentences about what it lacks."""

    chats: int = 0
    messages: int = 0
    files: int = 0
    entries: int = 0
    missing: list[str] = field(default_factory=list)


def index(contents: Contents, exported_at: str) -> str:
    """The JSON that says what is in an export."""
    return _pretty(
        {
            "format": EXPORT_FORMAT,
            "version": EXPORT_VERSION,
            "exported_at": exported_at,
            "chats": contents.chats,
            "messages": contents.messages,
            "files": contents.files,
            "settings_and_memories": contents.entries,
            "missing": contents.missing,
        }
    )


def settings_and_memories(opened: Iterable[Mapping[str, Any]]) -> tuple[str, int]:
    """The JSON of every app's settings and memories, Hearth's own included, and how many there are.

    The account's manifest is left out: it holds digests of what is stored, and nothing that a person wrote.
    """
    apps: dict[str, dict[str, Any]] = {}
    count = 0
    for each in opened:
        clear, text = each["clear"], each["texts"].get("sealed")
        if clear["deleted_at"] is not None or is_manifest(text) or is_shard(text):
            continue
        app = apps.setdefault(clear["app_id"], {"id": clear["app_id"], "name": "", "entries": []})
        body = _object(text)
        if clear["id"] == clear["app_id"]:
            app["name"] = str(body.get("name") or "")
            continue
        count += 1
        faults = {"unreadable": dict(each["faults"])} if each["faults"] else {}
        app["entries"].append({"id": clear["id"], **body, **faults})
    listed = [app for app in apps.values() if app["entries"] or app["name"]]
    return _pretty({"format": ENTRIES_FORMAT, "version": ENTRIES_VERSION, "apps": listed}), count


def readme(contents: Contents, exported: str) -> str:
    """The text that a person reads first."""
    lines = [
        f"Your data from Hearth, {exported}.",
        "",
        f"{contents.chats} chats with {contents.messages} messages, {contents.files} texts of files,",
        f"{contents.entries} settings and memories.",
        "",
        "Nothing in this archive is encrypted any longer. Keep it where only you can read it.",
        "",
        f"{CHATS_FOLDER}/          every chat, to be read (.md) and to be imported again (.json)",
        f"{FILES_FOLDER}/          the texts of attached files",
        f"{ENTRIES_FILE}   what apps remember",
        f"{INDEX_FILE}              what is in here",
        *(["", "Not in here:", *(f"- {each}" for each in contents.missing)] if contents.missing else []),
    ]
    return "\n".join([*lines, ""])


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "null")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _pretty(value: Sequence[Any] | Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
