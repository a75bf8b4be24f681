"""Exports against the real server: whole, without storing what they fetch, and honest about what they lack."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from hearth.core.errors import NotLoaded
from hearth.core.view.account import Transfer
from hearth.engine.intents.transfer import CancelTransfer, ExportData
from hearth.engine.intents.writing import DeleteChat, NewChat, RenameChat, SendMessage
from tests.app.hearth.engine.writing.live import Live, items, live, opened, screen
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


def test_chats_that_are_not_on_the_device_are_fetched_a_hundred_at_a_time_and_not_stored() -> None:
    with live(chats=330) as there:
        browser = there.signed_in()
        stored = len(browser.disk.messages)
        before = there.world.requests.count
        archive = exported(there, browser)
        assert there.world.requests.count == before + 6
        chats = chats_of(archive)
        assert len({chat["id"] for chat in chats}) == len(chats) == 330
        told = [(chat["id"], each["id"]) for chat in chats for each in chat["messages"]]
        assert sorted(told) == sorted((row["chat_id"], row["id"]) for row in there.stored())
        assert len(browser.disk.messages) == stored
        assert len(items(browser)) == 100


def test_what_could_not_be_fetched_is_said_in_the_page_and_in_the_archive() -> None:
    with live(chats=120) as there:
        browser = there.signed_in()
        browser.go_offline()
        there.wait()
        archive = exported(there, browser)
        assert len(chats_of(archive)) == 100
        (missing,) = json.loads(archive.read("hearth.json"))["missing"]
        assert missing.startswith("20 chats are not on this device")
        assert missing in archive.read("README.txt").decode()
        assert transfer(browser).details == (missing,)


def test_what_waits_to_be_sent_is_the_persons_as_well() -> None:
    with live() as there:
        browser = there.signed_in()
        chat = there.open(browser)
        gone = items(browser)[-1].id
        browser.go_offline()
        there.do(browser, SendMessage(chat, "Waiting here"), RenameChat(chat, "Renamed"), DeleteChat(gone), NewChat())
        there.do(browser, SendMessage(opened(browser).id, "A beginning"))
        chats = {chat["id"]: chat for chat in chats_of(exported(there, browser))}
        assert gone not in chats
        assert chats[chat]["title"] == "Renamed"
        assert [each["text"] for each in chats[chat]["messages"]][-1] == "Waiting here"
        (begun,) = [each for each in chats.values() if each["title"] == "A beginning"]
        assert [each["text"] for each in begun["messages"]] == ["A beginning"]


def test_a_tab_that_is_stopped_leaves_nothing_and_can_begin_again() -> None:
    with live(chats=150) as there:
        browser = there.signed_in()
        browser.device.network.silent = True
        there.do(browser, ExportData())
        assert transfer(browser).progress
        assert browser.device.downloads[0].parts
        there.do(browser, CancelTransfer())
        assert screen(browser).transfer is None
        assert browser.device.downloads[0].offered is None
        assert browser.device.downloads[0].discarded
        browser.device.network.heal()
        assert len(chats_of(exported(there, browser))) == 150


def test_a_part_of_hearth_that_does_not_come_is_a_sentence() -> None:
    with live() as there:
        browser = there.signed_in()
        browser.device.refuse_modules = NotLoaded("It could not be loaded.")
        there.do(browser, ExportData())
        assert transfer(browser).failed
        assert transfer(browser).sentence == "It could not be loaded."
        browser.device.refuse_modules = None
        assert len(chats_of(exported(there, browser))) == 4
