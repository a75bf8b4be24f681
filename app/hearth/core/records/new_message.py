"""The record of a message before it is stored anywhere."""

from __future__ import annotations

from typing import Any

from hearth.core.records.schema import Collection, empty_record


def new_message(message_id: str, chat_id: str, role: str, at: int, content: str | None, **more: Any) -> dict[str, Any]:
    """The first version of a message, of `at` ms since 1970, with its sealed text; `more` are other fields of it."""
    fields = {"id": message_id, "chat_id": chat_id, "role": role, "created_at": at, "content": content}
    return empty_record(Collection.MESSAGES, version=1, **fields, **more)
