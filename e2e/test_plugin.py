"""The pytest plugin in somebody else's hands: the tests that the guide shows, in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.conftest import absent
from runtime.browsers import Browser, find
from runtime.paths import ROOT
from tests.hearth_testing.guide import shown

LAUNCH = """
import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {{**browser_type_launch_args, **{options!r}}}
"""

LAUNCH_ASYNC = """
import pytest, pytest_asyncio
from playwright.async_api import async_playwright

@pytest_asyncio.fixture
async def playwright():
    async with async_playwright() as running:
        yield running

@pytest_asyncio.fixture
async def new_context(playwright):
    browser = await playwright.chromium.launch(**{options!r})
    yield browser.new_context
    await browser.close()

@pytest_asyncio.fixture
async def context(new_context):
    return await new_context()

@pytest_asyncio.fixture
async def page(context):
    return await context.new_page()
"""

FAILING = """

def test_it_fails(signed_in, assert_no_plaintext):
    assert_no_plaintext(signed_in.url)
"""


def run(folder: Path, conftest: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder as somebody does who has installed the plugin."""
    found = find(Browser.CHROMIUM)
    if found is None:
        absent("chromium", "E2E_CHROMIUM")
    (folder / "conftest.py").write_text(conftest.format(options=found.launch_options()))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment = {**clean, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "app")))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "hearth_testing.plugin", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.soak  # the journeys use the same fixtures; tests/hearth_testing holds what a failed test leaves
def test_the_tests_of_the_guide_pass_and_one_that_fails_leaves_what_explains_it(tmp_path: Path) -> None:
    (tmp_path / "test_chats.py").write_text(shown()["test_chats.py"] + FAILING)
    done = run(tmp_path, LAUNCH, "--tracing=retain-on-failure")
    assert "4 passed" in done.stdout, done.stdout
    assert "1 failed" in done.stdout, done.stdout
    assert "is in an address" in done.stdout
    (folder,) = (tmp_path / "test-results").iterdir()
    files = {path.name: path for path in folder.iterdir()}
    assert set(files) == {"trace.zip", "warming.svg", "frames.json", "directus.json", "device-1.json"}
    picture = files["warming.svg"].read_text()
    for part in ("Directus chats", "→ first_chat_ready", "→ warming_complete", "mark signed-in", "mark up-to-date"):
        assert part in picture, part
    device = files["device-1.json"].read_text()
    assert '"content": "A' in device, "its ciphertext is there"
    assert "warm-ember-lantern-42" not in "".join(files[name].read_text() for name in files if name != "trace.zip")


@pytest.mark.soak  # tests/hearth_testing takes the same fixtures without a browser
def test_the_async_test_of_the_guide_passes(tmp_path: Path) -> None:
    (tmp_path / "test_async.py").write_text(shown()["test_async.py"])
    (tmp_path / "pytest.ini").write_text("[pytest]\nhearth_playwright = async\nasyncio_mode = auto\n")
    done = run(tmp_path, LAUNCH_ASYNC, "-p", "no:playwright")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
