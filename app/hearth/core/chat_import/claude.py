"""Claude's `conversations.json`: each chat is a list of messages, made of blocks, each after the one that it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hearth.core.chat_import.model import (
    ImportedChat,
    ImportedMessage,
    LeftOut,
    Source,
    fenced,
    link,
    mapping,
    objects,
    plain,
)
from hearth.core.export.moments import parse

ROLES = {"human": "user", "user": "user", "assistant": "assistant", "system": "system"}
_SILENT = ("token_budget", "flag")
"""Blocks that say nothing to a person."""

Message = Mapping[str, Any]


def is_chat(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a chat of Claude."""
    return isinstance(value.get("chat_messages"), list)


def read_chat(value: Mapping[str, Any]) -> ImportedChat:
    """The chat of a JSON object for which `is_chat` holds."""
    created, updated = parse(value.get("created_at")), parse(value.get("updated_at"))
    title = plain(value.get("name")) or plain(value.get("title"))
    chat_id = plain(value.get("uuid")) or f"{value.get('created_at')} {title}"
    chat = ImportedChat(Source.CLAUDE, chat_id, title, created, updated, pinned=value.get("is_starred") is True)
    messages = objects(value["chat_messages"])
    branch = branch_of(messages, plain(value.get("current_leaf_message_uuid")))
    for number, message in enumerate(branch):
        _add(chat, message, number)
    taken = {id(each) for each in branch}
    chat.left_out[LeftOut.OTHER_VERSION] += sum(id(each) not in taken for each in messages)
    return chat


def branch_of(messages: list[Message], current: str) -> list[Message]:
    """The messages of the branch that was on screen; all of them, where they do not say what they follow."""
    by_id = {plain(each.get("uuid")): each for each in messages}
    parents = {name: plain(each.get("parent_message_uuid")) for name, each in by_id.items()}
    if len(by_id) < len(messages) or not any(parent in by_id for parent in parents.values()):
        return messages
    if current not in by_id:
        inner = set(parents.values())
        current = [name for name in by_id if name not in inner or name == parents[name]][-1:][0] if by_id else ""
    branch: dict[str, Message] = {}
    while current in by_id and current not in branch:
        branch[current] = by_id[current]
        current = parents[current]
    return list(reversed(branch.values()))


def _add(chat: ImportedChat, message: Message, number: int) -> None:
    text = _text_of(chat, message)
    read = ImportedMessage(
        plain(message.get("uuid")) or str(number),
        ROLES.get(plain(message.get("sender")), "assistant"),
        parse(message.get("created_at")),
        text,
        _files_of(message),
    )
    if not read.is_empty:
        chat.messages.append(read)


def _text_of(chat: ImportedChat, message: Message) -> str:
    """The blocks of a message as Markdown; a message of an older file has its text alone."""
    blocks = objects(message.get("content"))
    texts = []
    for block in blocks:
        kind = plain(block.get("type"))
        if kind in ("thinking", "redacted_thinking"):
            chat.left_out[LeftOut.REASONING] += 1
        elif kind == "image":
            chat.left_out[LeftOut.MEDIA] += 1
            texts.append("*[An image that was not imported]*")
        elif kind not in _SILENT:
            found = _block(kind, block)
            if found is None:
                chat.left_out[LeftOut.UNKNOWN] += 1
            else:
                texts.append(found)
    return "\n\n".join(text for text in texts if text.strip()) or plain(message.get("text"))


def _block(kind: str, block: Mapping[str, Any]) -> str | None:
    """A block as Markdown; None for a form that is not known and has no text."""
    match kind:
        case "tool_use":
            return f"**To {plain(block.get('name')) or 'a tool'}**\n\n{fenced(_as_json(block.get('input')), 'json')}"
        case "tool_result":
            said = _result(block.get("content"))
            name = plain(block.get("name")) or "tool"
            return f"**Tool: {name}**\n\n{fenced(said)}" if said.strip() else ""
        case _:
            text = plain(block.get("text"))
            return _with_sources(text, block) if text or kind in ("text", "voice_note") else None


def _result(content: object) -> str:
    if isinstance(content, str):
        return plain(content)
    return "\n\n".join(plain(each.get("text")) or plain(each.get("title")) for each in objects(content))


def _with_sources(text: str, block: Mapping[str, Any]) -> str:
    """Text with what it cites behind it."""
    sources = [
        link(plain(each.get("title")), url)
        for each in objects(block.get("citations"))
        if (url := plain(each.get("url")) or plain(mapping(each.get("details")).get("url")))
    ]
    return f"{text} ({', '.join(dict.fromkeys(sources))})" if sources else text


def _files_of(message: Message) -> list[dict[str, Any]]:
    """Attached files with their texts, as far as the file has them; each once."""
    files = [
        {
            "name": plain(each.get("file_name")) or "Unnamed file",
            "type": plain(each.get("file_type")),
            "size": each["file_size"] if isinstance(each.get("file_size"), int) and each["file_size"] >= 0 else 0,
            "text": plain(each.get("extracted_content")),
        }
        for each in objects(message.get("attachments"))
    ]
    known = {each["name"] for each in files}
    more = (plain(each.get("file_name")) for each in objects(message.get("files")))
    return files + [{"name": name, "type": "", "size": 0, "text": ""} for name in more if name and name not in known]


def _as_json(value: object) -> str:
    """A value of a tool, readable; depth was checked when the file was read."""
    return plain(json.dumps(value, ensure_ascii=False, indent=1))
