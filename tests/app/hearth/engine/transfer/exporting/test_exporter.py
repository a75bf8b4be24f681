"""An export: everything is in it, or what is missing is said."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from hearth.core.view.account import Transfer
from hearth.engine.intents.transfer import ExportData
from tests.app.hearth.engine.writing.live import Live, items, live, screen
from tests.peers import Browser


def transfer(browser: Browser) -> Transfer:
    shown = screen(browser).transfer
    assert shown is not None
    return shown


def exported(there: Live, browser: Browser) -> zipfile.ZipFile:
    """Press the button, and open what is offered."""
    there.do(browser, ExportData())
    there.until(lambda: transfer(browser).progress is None)
    content = browser.device.downloads[-1].offered
    assert content is not None
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def chats_of(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    names = [name for name in archive.namelist() if name.startswith("chats/") and name.endswith(".json")]
    return [json.loads(archive.read(name)) for name in names]


def test_every_chat_is_there_as_json_and_as_markdown_and_so_are_settings_and_memories() -> None:
    with live() as there:
        browser = there.signed_in()
        archive = exported(there, browser)
        chats = chats_of(archive)
        assert [chat["title"] for chat in chats] == [item.title for item in items(browser)]
        assert {(chat["format"], chat["version"]) for chat in chats} == {("hearth-chat", 1)}
        stored = there.stored()
        assert sum(len(chat["messages"]) for chat in chats) == len(stored) == 8
        assert {each["id"] for chat in chats for each in chat["messages"]} == {row["id"] for row in stored}
        for number, chat in enumerate(chats, start=1):
            (name,) = [
                each for each in archive.namelist() if each.startswith(f"chats/{number:04}") and each.endswith(".md")
            ]
            text = archive.read(name).decode()
            assert text.startswith(f"# {chat['title']}\n")
            assert all(each["text"] in text for each in chat["messages"])
        apps = json.loads(archive.read("settings-and-memories.json"))["apps"]
        assert sum(len(app["entries"]) for app in apps) > 0
        assert all("manifest" not in json.dumps(app) and "shard" not in json.dumps(app) for app in apps)
        index = json.loads(archive.read("hearth.json"))
        assert (index["chats"], index["messages"], index["missing"]) == (4, 8, [])
        assert "not encrypted" in transfer(browser).sentence
        assert browser.device.downloads[0].name.endswith(".zip")
