"""Made files of chats, and the steps of an import: choose a file, read it, bring it in."""

from __future__ import annotations

import json
from typing import Any

from hearth.core.view.account import Transfer
from hearth.engine.intents.transfer import ReadImport, StartImport
from hearth.testing.transfer import FakeFile
from tests.app.hearth.core.chat_import.files import BEGAN, chain, said
from tests.app.hearth.engine.transfer.exporting.test_exporter import transfer
from tests.app.hearth.engine.writing.live import Live, items, screen
from tests.peers import Browser


def chat(number: int, messages: int = 3, **more: Any) -> dict[str, Any]:
    """A chat of ChatGPT that is years old."""
    lines = [
        said(f"m{number}-{each}", "assistant" if each % 2 else "user", f"Line {each} of {number}", at=BEGAN + each)
        for each in range(messages)
    ]
    return chain(*lines, title=f"Imported {number}", conversation_id=f"conv-{number}", **more)


def file_of(*chats: dict[str, Any]) -> FakeFile:
    return FakeFile(json.dumps(chats).encode())


def settled(there: Live, browser: Browser) -> Transfer:
    there.until(lambda: screen(browser).transfer is not None and transfer(browser).progress is None, 600)
    return transfer(browser)


def read(there: Live, browser: Browser, file: FakeFile) -> Transfer:
    there.do(browser, ReadImport(file), wait=0)
    return settled(there, browser)


def bring(there: Live, browser: Browser, file: FakeFile) -> Transfer:
    """Choose a file and import what it holds."""
    found = read(there, browser, file)
    assert found.can_import, found
    there.do(browser, StartImport(), wait=0)
    return settled(there, browser)


def imported(browser: Browser) -> list[str]:
    return sorted(item.title for item in items(browser) if item.title.startswith("Imported"))


def plain(chats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Chats without ids, and without what says that a message was edited."""
    kept = [
        {
            **{name: value for name, value in chat.items() if name != "id"},
            "messages": [{n: v for n, v in each.items() if n not in ("id", "edited")} for each in chat["messages"]],
        }
        for chat in chats
    ]
    return sorted(kept, key=lambda each: (each["created_at"], each["title"]))
