"""A person's data on its way out and in: a download with all of it, and a file whose chats appear on every device."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e import journey
from e2e.server import Hearth


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
