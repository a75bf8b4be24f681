"""A chat and its messages as an export's JSON has them."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from hearth.core.export.chat_entry import as_line, chat_entry, message_entry
from hearth.core.export.chat_markdown import message_section
from tests.app.hearth.core.export.test_moments import AT


def opened(faults: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    texts = {name: values.pop(name, None) for name in ("title", "content", "files", "embeds", "interrupted", "pinned")}
    clear = {"id": "a", "version": 1, "created_at": AT, "last_updated": AT, "role": "user", **values}
    return {"clear": clear, "texts": texts, "faults": faults or {}}


def test_a_chat_says_what_it_holds() -> None:
    entry = chat_entry(opened(title="Plan", pinned="1"))
    assert entry["created_at"] == "2025-06-15T15:06:40.123Z"
    assert (entry["title"], entry["pinned"], entry["draft"]) == ("Plan", True, "")
    assert "unreadable" not in entry


def test_a_message_says_what_applies_to_it_and_no_more() -> None:
    assert set(message_entry(opened(content="Hi"))) == {"id", "role", "created_at", "text"}
    files = json.dumps([{"name": "a.txt", "type": "text/plain", "size": 2, "text": "Hi"}])
    whole = message_entry(opened(content="Hi", files=files, embeds="[]", interrupted="1", version=3))
    assert whole["files"][0]["text"] == "Hi"
    assert (whole["embeds"], whole["edited"], whole["interrupted"]) == ([], True, True)


def test_what_does_not_open_is_named_with_the_reason() -> None:
    entry = message_entry(opened({"content": "damaged"}))
    assert entry["unreadable"] == {"content": "damaged"}
    assert "cannot be read: it was changed" in message_section(entry, UTC)


def test_lines_of_json_keep_their_letters() -> None:
    assert as_line({"text": "Grüße\n🙂"}) == '{"text": "Grüße\\n🙂"}'
