"""ChatGPT's `conversations.json`: each chat is a tree of messages, of which the branch that was on screen is read.

The service does not document the file, and has changed it over the years. What is relied on: `mapping` holds nodes
by their ids, each with a `message` or none. How they hang together is said by `parent`, by `children`, or by both;
where neither is there, the times give the order. `current_node` names the end of the branch; where it is missing, the
newest end is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth.core.chat_import.chatgpt_content import content_of, files_of
from hearth.core.chat_import.model import (
    ImportedChat,
    ImportedMessage,
    LeftOut,
    Source,
    mapping,
    plain,
    seconds,
)
from hearth.core.export.moments import parse

ROLES = {"user": "user", "assistant": "assistant", "system": "system", "tool": "assistant"}
_INVISIBLE = "is_visually_hidden_from_conversation"
_CONTEXT = ("user_editable_context", "model_editable_context")
_THOUGHTS = ("thoughts", "reasoning_recap")

Nodes = Mapping[str, Mapping[str, Any]]


def is_chat(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a chat of ChatGPT."""
    return isinstance(value.get("mapping"), Mapping)


def read_chat(value: Mapping[str, Any]) -> ImportedChat:
    """The chat of a JSON object for which `is_chat` holds."""
    nodes = {str(name): mapping(node) for name, node in value["mapping"].items()}
    created, updated = _moment(value.get("create_time")), _moment(value.get("update_time"))
    chat_id = plain(value.get("conversation_id")) or plain(value.get("id")) or f"{created} {plain(value.get('title'))}"
    chat = ImportedChat(Source.CHATGPT, chat_id, plain(value.get("title")), created, updated)
    branch = branch_of(nodes, plain(value.get("current_node")))
    for name in branch:
        _add(chat, name, mapping(nodes[name].get("message")))
    on_branch = set(branch)
    others = (mapping(node.get("message")) for name, node in nodes.items() if name not in on_branch)
    chat.left_out[LeftOut.OTHER_VERSION] += sum(_is_shown(each) for each in others)
    return chat


def branch_of(nodes: Nodes, current: str) -> list[str]:
    """The ids of the nodes of the branch that was on screen, from its beginning."""
    parents = _parents(nodes)
    if not parents:
        return sorted(nodes, key=lambda name: _time_of(nodes[name]) or 0)
    if current not in nodes:
        inner = set(parents.values())
        ends = [name for name in nodes if name not in inner] or list(nodes)
        current = max(reversed(ends), key=lambda name: _time_of(nodes[name]) or 0)
    branch: dict[str, None] = {}
    at: str | None = current
    while at is not None and at in nodes and at not in branch:  # a circle ends where it begins
        branch[at] = None
        at = parents.get(at)
    return list(reversed(branch))


def _parents(nodes: Nodes) -> dict[str, str]:
    """The parent of each node that has one among the others, whichever of the two says so."""
    parents: dict[str, str] = {}
    for name, node in nodes.items():
        children = node.get("children")
        for child in children if isinstance(children, list) else ():
            if isinstance(child, str) and child in nodes:
                parents.setdefault(child, name)
    for name, node in nodes.items():
        parent = node.get("parent")
        if isinstance(parent, str) and parent in nodes and parent != name:
            parents[name] = parent
    return parents


def _time_of(node: Mapping[str, Any]) -> int | None:
    return _moment(mapping(node.get("message")).get("create_time"))


def _moment(value: object) -> int | None:
    """Seconds since 1970, or, as in files that were taken from the service's API, a text."""
    return parse(value) if isinstance(value, str) else seconds(value)


def _add(chat: ImportedChat, name: str, message: Mapping[str, Any]) -> None:
    """Take a message of the branch, or count why it is left out; a node without a message is neither."""
    if not message:
        return
    metadata, content = mapping(message.get("metadata")), mapping(message.get("content"))
    if content.get("content_type") in _THOUGHTS:
        chat.left_out[LeftOut.REASONING] += 1
        return
    found = content_of(message, content, metadata)
    read = ImportedMessage(
        plain(message.get("id")) or name,
        ROLES.get(_role(message), "assistant"),
        _moment(message.get("create_time")),
        found.text,
        files_of(metadata),
        interrupted=_role(message) == "assistant" and message.get("status") == "in_progress",
    )
    if _is_hidden(message, metadata, content):
        chat.left_out[LeftOut.HIDDEN] += not read.is_empty
    elif not found.known:
        chat.left_out[LeftOut.UNKNOWN] += 1
    elif not read.is_empty:
        chat.left_out[LeftOut.MEDIA] += found.media
        chat.messages.append(read)


def _role(message: Mapping[str, Any]) -> str:
    return plain(mapping(message.get("author")).get("role"))


def _is_hidden(message: Mapping[str, Any], metadata: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    """Whether the service does not show a message."""
    weightless = isinstance(message.get("weight"), int | float) and message["weight"] == 0
    context = content.get("content_type") in _CONTEXT or metadata.get("is_user_system_message")
    return bool(metadata.get(_INVISIBLE) or weightless or context)


def _is_shown(message: Mapping[str, Any]) -> bool:
    """Whether a message of another branch is one that a person would miss."""
    if not message or _role(message) not in ("user", "assistant"):
        return False
    metadata, content = mapping(message.get("metadata")), mapping(message.get("content"))
    if content.get("content_type") in _THOUGHTS or _is_hidden(message, metadata, content):
        return False
    return bool(content_of(message, content, metadata).text.strip())
