"""Which Chromium and which Firefox the tests drive with Playwright, and with which launch options.

Playwright's own build is taken when it is installed, else the system's. `E2E_CHROMIUM` and `E2E_FIREFOX`
name a binary and decide over both.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any


class Browser(StrEnum):
    """The browsers that Playwright drives here; WebKit has a driver of its own (`runtime/webkit.py`)."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"


@dataclass(frozen=True, slots=True)
class Found:
    """A browser to launch: `executable` is None for Playwright's own build."""

    browser: Browser
    executable: str | None

    def launch_options(self) -> dict[str, Any]:
        """Return what Playwright's `launch` needs on top of its defaults."""
        options: dict[str, Any] = {}
        if self.browser is Browser.CHROMIUM:
            options["args"] = CHROMIUM_FLAGS
        if self.executable is not None:
            options["executable_path"] = self.executable
            if self.browser is Browser.FIREFOX:
                options["channel"] = "moz-firefox"  # the stock binary, over WebDriver BiDi
        return options


# A test's browser talks to the test's server and to nobody else; as root Chromium needs --no-sandbox.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SYSTEM_NAMES = {
    Browser.CHROMIUM: ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    Browser.FIREFOX: ("firefox-esr", "firefox"),
}


def playwright_folders() -> list[Path]:
    """Return the folders into which Playwright puts its own browsers on this kind of system."""
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return [Path(chosen)]
    home = Path.home()
    folders = [home / ".cache/ms-playwright", home / "Library/Caches/ms-playwright"]
    if local := os.environ.get("LOCALAPPDATA"):
        folders.append(Path(local) / "ms-playwright")
    return folders


def playwright_has(browser: Browser) -> bool:
    """Tell whether Playwright's own build of `browser` is installed completely.

    The marker file is looked for rather than `browser_type.executable_path`: headless Chromium is another
    binary than that one.
    """
    return any(
        marker.is_file()
        for folder in playwright_folders()
        for marker in folder.glob(f"{browser}*/INSTALLATION_COMPLETE")
    )


@cache
def find(browser: Browser) -> Found | None:
    """Return the browser to launch for `browser`, or None when this machine has none."""
    if chosen := os.environ.get(f"E2E_{browser.upper()}"):
        return Found(browser, chosen)
    if playwright_has(browser):
        return Found(browser, None)
    for name in SYSTEM_NAMES[browser]:
        if path := shutil.which(name):
            return Found(browser, path)
    return None
