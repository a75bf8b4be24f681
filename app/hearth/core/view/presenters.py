"""Opened records as what the page shows of them: chats, messages, and the entries of apps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from typing import Any

from hearth.core.records.contents import AppEntries, Chat, Entry
from hearth.core.records.manifest import is_manifest
from hearth.core.records.manifest_checks import WARM_CHATS
from hearth.core.records.schema import INTERRUPTED
from hearth.core.text.characters import one_line, with_plain_line_ends
from hearth.core.text.formatting import clock, day_label, local, short_time, size_text, span_label, value_text
from hearth.core.text.links import is_safe_address
from hearth.core.text.markdown import render
from hearth.core.view.chat_list import ChatGroup, ChatItem, OlderChatsView
from hearth.core.view.message import AnswerMark, Embed, File, Message

UNTITLED = "Untitled chat"
PINNED = "Pinned"
UNREADABLE_TITLE = "Unreadable chat"

FAULTS = {
    "format": "it is not in a form that this version of Hearth can read.",
    "wrong-key": "it was encrypted with another key than this chat's.",
    "damaged": "it was changed or damaged on its way.",
    "no-key": "its key is not on this device.",
}
"""Why an item does not open, by the reason of its `SealError`: the end of «This … cannot be read: ». """


def chat_from(opened: Mapping[str, Any]) -> Chat:
    """The list's chat of a record that the keyring opened."""
    clear, texts, faults = opened["clear"], opened["texts"], opened["faults"]
    bad = "title" in faults
    return Chat(
        id=clear["id"],
        title=UNREADABLE_TITLE if bad else one_line(texts["title"] or "") or UNTITLED,
        last_updated=clear["last_updated"],
        version=clear["version"],
        draft=texts.get("draft") or "",
        pinned=bool(texts.get("pinned")),
        unreadable=bad,
    )


def message_from(opened: Mapping[str, Any], now: datetime) -> Message:
    """The view of a message that the keyring opened; one unreadable field never hides the others."""
    clear, texts, faults = opened["clear"], opened["texts"], opened["faults"]
    when = local(clear["created_at"], now.tzinfo)
    content = texts.get("content") or ""
    files, files_bad = _list_of(texts.get("files"))
    embeds, embeds_bad = _list_of(texts.get("embeds"))
    reason = next(iter(faults.values()), "")
    fault = f"This message cannot be read: {FAULTS.get(reason, FAULTS['damaged'])}" if reason else ""
    if not fault and (files_bad or embeds_bad):
        fault = f"A part of this message cannot be read: {FAULTS['format']}"
    return Message(
        id=clear["id"],
        role=clear["role"],
        created_at=clear["created_at"],
        when=clock(when),
        day=day_label(when.date(), now.date()),
        body=() if "content" in faults else render(content),
        files=tuple(_file(each) for each in files),
        embeds=tuple(_embed(each) for each in embeds),
        fault=fault,
        text=content,
        edited=clear["role"] == "user" and clear["version"] > 1,
        mark=AnswerMark.INTERRUPTED if texts.get(INTERRUPTED) else AnswerMark.NONE,
    )


def dated(message: Message, now: datetime) -> Message:
    """The same message with its hour and day in the words of another moment."""
    when = local(message.created_at, now.tzinfo)
    hour, day = clock(when), day_label(when.date(), now.date())
    return message if (hour, day) == (message.when, message.day) else replace(message, when=hour, day=day)


def group_chats(
    chats: Iterable[Chat],
    now: datetime,
    flag_of: Callable[[str], str] = lambda _chat: "",
    unread: Mapping[str, int] | None = None,
) -> tuple[ChatGroup, ...]:
    """Group chats by the span of days of their last update, newest first (ties by id, so that order is fixed).

    Pinned ones come first, in a group of their own. `flag_of` gives the words that mark a chat of an id, or none;
    `unread` says how many of a chat's messages are.
    """
    groups: dict[str, list[ChatItem]] = {}
    for chat in sorted(chats, key=lambda chat: (not chat.pinned, -chat.last_updated, chat.id)):
        when, span = _line_time(chat.last_updated, now.tzinfo, now.date())
        item = ChatItem(
            chat.id,
            chat.title,
            when,
            one_line(chat.draft) if chat.draft else "",
            chat.unreadable,
            chat.pinned,
            (unread or {}).get(chat.id, 0),
            flag_of(chat.id),
        )
        label = PINNED if chat.pinned else span
        groups.setdefault(label, []).append(item)
    return tuple(ChatGroup(label, tuple(items)) for label, items in groups.items())


@lru_cache(maxsize=2_048)
def _line_time(updated: int, zone: tzinfo | None, today: date) -> tuple[str, str]:
    """The time in a line of the chat list, and the heading that it is under; most lines stay as they are for a day."""
    when = local(updated, zone)
    return short_time(when, datetime.combine(today, time())), span_label(when.date(), today)


def older_chats_view(here: int, listed: int, total: int, told: bool, listing: bool) -> OlderChatsView:
    """The end of the list: `here` of `total` chats are on this device, and `listed` are in the list.

    A device that has never been `told` how many there are offers more when it has as many as a warming brings.
    """
    can_list = total > listed if told else listed >= WARM_CHATS
    if not can_list and here >= total:
        return OlderChatsView()
    counted = f"{here} of {total} chats are on this device" if told else f"{here} chats are on this device"
    about = f"{listed} are in the list. Those that are not here come when you open them." if listed > here else ""
    return OlderChatsView(counted, about, can_list, listing and can_list)


def group_entries(opened: Sequence[Mapping[str, Any]]) -> tuple[AppEntries, ...]:
    """Group settings and memories by app, apps and entries by name; an app's own record names it."""
    names: dict[str, str] = {}
    entries: dict[str, list[Entry]] = {}
    for each in opened:
        clear, fault = each["clear"], each["faults"]
        app, entry_id = clear["app_id"], clear["id"]
        if is_manifest(each["texts"].get("sealed")):
            continue
        listed = entries.setdefault(app, [])
        body, bad = _object_of(each["texts"].get("sealed"))
        if entry_id == app:
            names[app] = one_line(str(body.get("name") or "")) or "Unnamed app"
            continue
        reason = next(iter(fault.values()), "format" if bad else "")
        why = f"This entry cannot be read: {FAULTS.get(reason, FAULTS['damaged'])}" if reason else ""
        kind = "memory" if body.get("kind") == "memory" else "setting"
        value = with_plain_line_ends(value_text(body.get("value")))
        listed.append(Entry(entry_id, kind, one_line(str(body.get("name") or "")), value, why))
    return tuple(
        AppEntries(app, names.get(app, "Unknown app"), tuple(sorted(listed, key=_entry_order)))
        for app, listed in sorted(entries.items(), key=lambda item: (names.get(item[0], "~").lower(), item[0]))
    )


def _entry_order(entry: Entry) -> tuple[bool, str, str]:
    return (entry.kind == "memory", entry.name.lower(), entry.id)


def _file(value: dict[str, Any]) -> File:
    name = one_line(str(value.get("name") or ""), 120) or "Unnamed file"
    return File(name, one_line(str(value.get("type") or ""), 60), size_text(value.get("size")))


def _embed(value: dict[str, Any]) -> Embed:
    url = str(value.get("url") or "")
    safe = url if is_safe_address(url) and url[:4].lower() == "http" else ""
    return Embed(
        safe, one_line(str(value.get("title") or url), 200), one_line(str(value.get("description") or ""), 400)
    )


def _list_of(text: str | None) -> tuple[list[dict[str, Any]], bool]:
    """A JSON array's objects, and whether something in it was not one."""
    if not text:
        return [], False
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return [], True
    if not isinstance(value, list):
        return [], True
    objects = [each for each in value if isinstance(each, dict)]
    return objects, len(objects) != len(value)


def _object_of(text: str | None) -> tuple[dict[str, Any], bool]:
    try:
        value = json.loads(text or "null")
    except (ValueError, RecursionError):
        return {}, True
    return (value, False) if isinstance(value, dict) else ({}, text is not None)
