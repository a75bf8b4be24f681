"""Hearth's own exports, as docs/export.md has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth.core.chat_import.model import ImportedChat, ImportedMessage, LeftOut, Source, objects, plain
from hearth.core.export.chat_entry import FORMAT, VERSION
from hearth.core.export.moments import parse

ROLES = ("user", "assistant", "system")


class NewerFormat(ValueError):
    """A chat was exported by a newer version of Hearth."""


def is_chat(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a chat of an export."""
    return value.get("format") == FORMAT


def read_chat(value: Mapping[str, Any]) -> ImportedChat:
    """The chat of a JSON object for which `is_chat` holds. Raises `NewerFormat`."""
    version = value.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise NewerFormat
    chat = ImportedChat(
        Source.HEARTH,
        plain(value.get("id")),
        plain(value.get("title")),
        parse(value.get("created_at")),
        parse(value.get("last_updated")),
        pinned=value.get("pinned") is True,
        draft=plain(value.get("draft")),
    )
    for each in objects(value.get("messages")):
        if each.get("unreadable"):
            chat.left_out[LeftOut.UNREADABLE] += 1
            continue
        role = plain(each.get("role"))
        read = ImportedMessage(
            plain(each.get("id")),
            role if role in ROLES else "assistant",
            parse(each.get("created_at")),
            plain(each.get("text")),
            _cleaned(each.get("files")),
            _cleaned(each.get("embeds")),
            each.get("interrupted") is True,
        )
        chat.messages.append(read)
    return chat


def _cleaned(value: object) -> list[dict[str, Any]]:
    """Files or embeds, of which texts and numbers are kept."""
    return [
        {str(name): plain(part) if isinstance(part, str) else part for name, part in each.items() if _is_simple(part)}
        for each in objects(value)
    ]


def _is_simple(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)
