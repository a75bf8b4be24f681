"""What is imported is sealed like all else, comes to other devices, and is no news."""

from __future__ import annotations

import json

from hearth.engine.intents.chats import OpenChat
from tests.app.hearth.core.chat_import.files import BEGAN
from tests.app.hearth.engine.transfer.importing.steps import bring, chat, file_of, imported
from tests.app.hearth.engine.writing.live import items, live, screen, texts


def test_chats_appear_here_and_on_other_devices_sealed_and_not_as_news() -> None:
    with live() as there:
        browser, other = there.signed_in(), there.signed_in()
        done = bring(there, browser, file_of(chat(1), chat(2, messages=250)))
        assert done.sentence == "Imported 2 chats with 253 messages."
        assert done.can_undo
        there.wait()
        assert imported(browser) == imported(other) == ["Imported 1", "Imported 2"]
        assert all(item.unread == 0 for item in items(other))
        there.do(other, OpenChat(next(item.id for item in items(other) if item.title == "Imported 1")))
        assert texts(other) == ["Line 0 of 1", "Line 1 of 1", "Line 2 of 1"]
        rows = [row for row in there.stored() if row["created_at"] < (BEGAN + 10_000) * 1000]
        assert len(rows) == 253
        assert "Line" not in json.dumps([there.stored(), there.stored("chats")])
        assert {row["role"] for row in rows} == {"user", "assistant"}
        assert screen(browser).status.sentence == screen(other).status.sentence == "Up to date"
