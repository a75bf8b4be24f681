"""The examples, on stock PyScript with the engine's wheel installed by micropip."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from examples.server import make_app
from hearth_testing import journey
from runtime.wheel import build_wheel

START_MS = 60_000
"""Stock PyScript on a busy machine takes several seconds."""

pytestmark = pytest.mark.only_browser("chromium")  # what they use is held to its contracts in every browser


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the examples are served."""
    app = make_app(build_wheel(tmp_path_factory.mktemp("wheel")))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


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
