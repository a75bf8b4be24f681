"""Chats as ChatGPT and Claude write them, made for tests."""

from __future__ import annotations

from typing import Any

BEGAN = 1_700_000_000


def node(name: str, parent: str | None, message: dict[str, Any] | None, *children: str) -> dict[str, Any]:
    return {"id": name, "message": message, "parent": parent, "children": list(children)}


def said(name: str, role: str, *parts: Any, at: float | None = None, **more: Any) -> dict[str, Any]:
    """A message of ChatGPT: text, unless `content` says otherwise."""
    content = more.pop("content", {"content_type": "text", "parts": list(parts)})
    return {
        "id": name,
        "author": {"role": role, "name": more.pop("author", None), "metadata": {}},
        "create_time": at,
        "content": content,
        "status": "finished_successfully",
        "weight": more.pop("weight", 1.0),
        "recipient": more.pop("recipient", "all"),
        "metadata": more.pop("metadata", {}),
        **more,
    }


def chain(*messages: dict[str, Any] | None, title: str = "Garden", **more: Any) -> dict[str, Any]:
    """A chat of ChatGPT without branches."""
    names = ["root", *(f"n{number}" for number in range(1, len(messages) + 1))]
    nodes = {"root": node("root", None, None, *names[1:2])}
    for number, message in enumerate(messages, start=1):
        nodes[f"n{number}"] = node(f"n{number}", names[number - 1], message, *names[number + 1 : number + 2])
    return {
        "title": title,
        "create_time": BEGAN + 0.25,
        "update_time": BEGAN + 100.5,
        "mapping": nodes,
        "moderation_results": [],
        "current_node": names[-1],
        "conversation_id": more.pop("conversation_id", "conv-1"),
        "is_archived": False,
        **more,
    }


def claude(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "uuid": "claude-1",
        "name": "Bread",
        "summary": "",
        "created_at": "2024-03-01T10:00:00.500000+01:00",
        "updated_at": "2024-03-01T10:30:00Z",
        "account": {"uuid": "someone"},
        "chat_messages": list(messages),
        **more,
    }


def turn(name: str, sender: str, *blocks: Any, text: str = "", **more: Any) -> dict[str, Any]:
    """A message of Claude."""
    return {
        "uuid": name,
        "text": text,
        "content": [
            {"type": "text", "text": each, "citations": []} if isinstance(each, str) else each for each in blocks
        ],
        "sender": sender,
        "created_at": "2024-03-01T10:00:01Z",
        "updated_at": "2024-03-01T10:00:01Z",
        "attachments": [],
        "files": [],
        **more,
    }
