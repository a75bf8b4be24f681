"""A person's data on its way out and in: a download with all of it, and a file whose chats appear on every device."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth
from tests.app.hearth.core.chat_import.files import BEGAN, chain, said


def account(page: Page) -> None:
    """Open the settings, where the account's group is."""
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("group", name="Account")).to_be_visible()


def test_an_export_is_a_download_that_holds_every_chat(page: Page, fresh: Hearth, tmp_path: Path) -> None:
    journey.sign_in(page, fresh)
    account(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export my data").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    told = page.get_by_role("group", name="Export", exact=True)
    expect(told).to_contain_text("The file is not encrypted")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.endswith(".json") and name.startswith("chats/")]
        titles = [json.loads(archive.read(name))["title"] for name in names]
    assert sorted(titles) == sorted(chat["title"] for chat in fresh.account()["chats"])
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)


def chosen(title: str, text: str) -> FilePayload:
    """A file of ChatGPT with one chat, as a file chooser takes it."""
    chat = chain(
        said("q", "user", "Where does it lead?", at=BEGAN), said("a", "assistant", text, at=BEGAN + 1), title=title
    )
    return {"name": "conversations.json", "mimeType": "application/json", "buffer": json.dumps([chat]).encode()}


def choose(page: Page, file: FilePayload) -> None:
    """Press "Import chats" and choose a file."""
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="Import chats").click()
    waiting.value.set_files(file)


def test_imported_chats_appear_on_a_second_device_and_go_again_as_a_whole(
    page: Page, new_context: Callable[..., BrowserContext], fresh: Hearth
) -> None:
    journey.sign_in(page, fresh)
    second = new_context().new_page()
    journey.sign_in(second, fresh)
    account(page)
    choose(page, chosen("The old path", "Down to the river."))
    told = page.get_by_role("group", name="Import of chats")
    expect(told).to_contain_text("Found 1 chat with 2 messages from ChatGPT.")
    expect(journey.chat_link(second, "The old path")).to_have_count(0)
    told.get_by_role("button", name="Import", exact=True).click()
    expect(told).to_contain_text("Imported 1 chat with 2 messages.")
    journey.chat_link(second, "The old path").click()
    expect(journey.messages(second).last).to_contain_text("Down to the river.")
    told.get_by_role("button", name="Undo import").click()
    expect(told).to_contain_text("The import was taken back.")
    expect(journey.chat_link(second, "The old path")).to_have_count(0)
