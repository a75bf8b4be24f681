"""The examples, on stock PyScript with the engine's wheel installed by micropip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.page_server import PageServer
from hearth_testing import journey
from hearth_testing.server import Hearth
from runtime.fast_start import fast_start
from runtime.paths import ROOT
from tests.guide import GUIDE, page_files

START_MS = 60_000
"""Stock PyScript on a busy machine takes several seconds."""

pytestmark = pytest.mark.only_browser("chromium")  # what they use is held to its contracts in every browser


class Examples(Hearth):
    """The examples with the server's API beside them."""

    MODULE = "examples.__main__"


@pytest.fixture(scope="module")
def server() -> Iterator[Examples]:
    """The examples, and a small demo account."""
    started = Examples(("--chats", "12", "--messages", "6"))
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def examples(server: Examples) -> str:
    """Where the examples are served."""
    return server.url


def test_notes_are_kept_in_indexeddb(page: Page, examples: str) -> None:
    page.goto(f"{examples}/notes/")
    expect(page.get_by_role("status")).to_have_text("Notes on this device: 0", timeout=START_MS)
    for text in ("Milk", "Bread"):
        page.get_by_role("textbox", name="New note").fill(text)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("listitem").first).to_contain_text(text)
    page.get_by_role("button", name="Delete Milk").click()
    expect(page.get_by_role("status")).to_have_text("Notes on this device: 1")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("Notes on this device: 1", timeout=START_MS)
    expect(page.get_by_role("listitem")).to_contain_text(["Bread"])


def test_a_diary_is_ciphertext_on_the_disk_and_opens_with_its_password(page: Page, examples: str) -> None:
    def unlock(password: str) -> None:
        page.get_by_role("textbox", name="Password").fill(password)
        page.get_by_role("button", name="Open").click()

    page.goto(f"{examples}/diary/")
    expect(page.get_by_role("status")).to_contain_text("Enter the diary's password", timeout=START_MS)
    unlock("correct horse")
    expect(page.get_by_role("status")).to_have_text("The diary is open.")
    page.get_by_role("textbox", name="Today").fill("Walked to the lighthouse")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("listitem")).to_contain_text(["Walked to the lighthouse"])
    databases = journey.stored(page)["databases"]
    assert len(databases["example-diary/days"]) == 1
    assert "lighthouse" not in str(databases)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Enter the diary's password", timeout=START_MS)
    unlock("another horse")
    expect(page.get_by_role("status")).to_have_text("This password does not open the diary.")
    unlock("correct horse")
    expect(page.get_by_role("listitem")).to_contain_text(["Walked to the lighthouse"])


def test_a_chat_of_ones_own_reads_writes_and_signs_out(page: Page, server: Examples) -> None:
    page.goto(f"{server.url}/chat/")
    page.get_by_role("textbox", name="Email").fill(server.email, timeout=START_MS)
    page.get_by_role("textbox", name="Password").fill(server.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_have_text("Up to date", timeout=START_MS)
    chats = page.get_by_role("list", name="Chats").get_by_role("button")
    expect(chats).to_have_count(12)
    chats.nth(3).click()
    expect(page.get_by_role("heading", level=2).first).to_have_text(chats.nth(3).inner_text())
    page.get_by_role("textbox", name="Message").fill("Written in a page of my own")
    page.get_by_role("button", name="Send").click()
    written = page.get_by_role("list", name="Messages").get_by_role("listitem").filter(has_text="of my own")
    expect(written).to_have_text("user: Written in a page of my own ")
    stored = str(journey.stored(page)["databases"])
    assert "hearth:" in stored
    assert "of my own" not in stored
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("textbox", name="Email")).to_be_visible()
    assert not [name for name in journey.stored(page)["databases"] if name.startswith("hearth:")]


@pytest.mark.soak  # it builds a snapshot; tests/runtime/test_fast_start.py holds the rest
def test_an_example_starts_from_a_snapshot_of_its_own(page: Page, tmp_path: Path) -> None:
    fast_start(ROOT / "examples/notes", tmp_path / "dist")
    served = PageServer(tmp_path / "dist", policy=False).start()
    page.goto(served.url)
    expect(page.get_by_role("status")).to_have_text("Notes on this device: 0", timeout=START_MS)
    page.get_by_role("textbox", name="New note").fill("Milk")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("listitem")).to_contain_text(["Milk"])
    how = "() => performance.getEntriesByName('hearth:interpreter-ready')[0].detail.how"
    assert page.evaluate(how) == "snapshot"
    assert not [path for path in served.paths if path.endswith(".whl") or "micropip" in path]
    served.stop()


@pytest.mark.soak  # tests/test_guide.py runs their blocks; the chat of an example is a page with the same packages
def test_the_guides_pages_work_as_they_are_written(page: Page, tmp_path: Path) -> None:
    for name, folder in (("README.md", tmp_path), ("engine.md", tmp_path / "list")):
        folder.mkdir(exist_ok=True)
        for file, text in page_files(GUIDE / name).items():
            (folder / file).write_text(text, encoding="utf-8")
    server = Examples(("--folder", str(tmp_path), "--chats", "2", "--messages", "2"))
    server.start()
    page.goto(server.url)
    expect(page.get_by_role("status")).to_have_text("Visits: 1", timeout=START_MS)

    page.goto(f"{server.url}/list/")
    page.get_by_role("textbox", name="Email").fill(server.email, timeout=START_MS)
    page.get_by_role("textbox", name="Password").fill(server.password)
    page.get_by_role("button", name="Sign in").click()
    things = page.get_by_role("list", name="Things").get_by_role("listitem")
    for number, thing in enumerate(("Milk", "Bread"), 1):
        page.get_by_role("textbox", name="What").fill(thing)
        page.get_by_role("button", name="Add").click()
        expect(things).to_have_count(number)
    other = page.context.new_page()
    other.goto(f"{server.url}/list/")
    theirs = other.get_by_role("list", name="Things").get_by_role("listitem")
    expect(theirs).to_contain_text(["Milk", "Bread"], timeout=START_MS)
    other.get_by_role("button", name="Bought Milk").click()
    expect(things).to_contain_text(["Bread"])
    expect(things).to_have_count(1)
    assert "Bread" not in str(journey.stored(page)["databases"])
    server.stop()
