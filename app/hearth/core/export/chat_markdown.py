"""A chat and its messages as an export's Markdown has them: what was written stays as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from hearth.core.export.moments import parse, readable
from hearth.core.text.characters import one_line, with_plain_line_ends
from hearth.core.view.presenters import FAULTS, UNTITLED

AUTHORS = {"user": "You", "assistant": "Assistant", "system": "System"}


def chat_heading(chat: Mapping[str, Any], zone: tzinfo | None) -> str:
    """The beginning of a chat's file; `chat` is its `chat_entry`."""
    title = one_line(chat["title"]) or UNTITLED
    lines = [
        f"# {title}",
        "",
        f"Begun {_moment(chat['created_at'], zone)}, updated {_moment(chat['last_updated'], zone)}.",
    ]
    lines += _faults(chat)
    return "\n".join([*lines, ""])


def message_section(message: Mapping[str, Any], zone: tzinfo | None, attached: Sequence[str] = ()) -> str:
    """One message; `message` is its `message_entry`, `attached` where the texts of its files are in the archive."""
    author = AUTHORS.get(message["role"], message["role"])
    marks = [mark for name, mark in (("edited", "edited"), ("interrupted", "interrupted")) if message.get(name)]
    heading = f"## {author}, {_moment(message['created_at'], zone)}{''.join(f' ({mark})' for mark in marks)}"
    lines = ["", heading, "", with_plain_line_ends(message["text"])]
    lines += _faults(message)
    for file, place in zip(_objects(message, "files"), attached, strict=False):
        name = one_line(str(file.get("name") or "")) or "Unnamed file"
        lines += ["", f"Attached: {name} (`{place}`)" if place else f"Attached: {name}"]
    for embed in _objects(message, "embeds"):
        words = (one_line(str(embed.get(part) or "")) for part in ("title", "url"))
        lines += ["", f"Link: {' — '.join(word for word in words if word)}"]
    return "\n".join([*lines, ""])


def _moment(text: str, zone: tzinfo | None) -> str:
    ms = parse(text)
    return readable(ms, zone) if ms is not None else text


def _faults(entry: Mapping[str, Any]) -> list[str]:
    return [
        line
        for name, reason in entry.get("unreadable", {}).items()
        for line in ("", f"*The {name} cannot be read: {FAULTS.get(reason, FAULTS['damaged'])}*")
    ]


def _objects(entry: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = entry.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
