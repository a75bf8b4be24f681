"""What an export has beside the chats: settings and memories, and the page to read first."""

from __future__ import annotations

import json
from typing import Any

from hearth.core.export import documents
from hearth.core.export.documents import Contents


def test_entries_are_listed_by_app_and_the_manifest_is_left_out() -> None:
    def entry(entry_id: str, app: str, text: str, **more: Any) -> dict[str, Any]:
        clear = {"id": entry_id, "app_id": app, "deleted_at": None}
        return {"clear": clear, "texts": {"sealed": text}, "faults": {}, **more}

    text, count = documents.settings_and_memories(
        [
            entry("mail", "mail", '{"name": "Mail"}'),
            entry("e", "mail", '{"kind": "memory", "name": "Tea", "value": "Green"}'),
            entry("m", "m", '{"name":"Hearth","manifest":{"format":2}}'),
            entry("s", "m", '{"name":"Hearth","shard":{}}'),
            entry("p", "m", '{"kind": "setting", "name": "Preferences", "value": {"theme": "dark"}}'),
            entry("x", "mail", "[]", faults={"sealed": "damaged"}),
        ]
    )
    apps = json.loads(text)["apps"]
    assert count == 3
    assert [app["id"] for app in apps] == ["mail", "m"]
    assert apps[0]["entries"][0] == {"id": "e", "kind": "memory", "name": "Tea", "value": "Green"}
    assert apps[0]["entries"][1] == {"id": "x", "unreadable": {"sealed": "damaged"}}
    assert [each["name"] for each in apps[1]["entries"]] == ["Preferences"]


def test_the_page_to_read_first_says_what_is_missing() -> None:
    contents = Contents(chats=2, messages=3, missing=["1 chat is not here."])
    assert "- 1 chat is not here." in documents.readme(contents, "today")
    assert json.loads(documents.index(contents, "now"))["missing"] == ["1 chat is not here."]
