"""The browser that a journey is told in: a private window, and in WebKit an ordinary one as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType

from e2e.conftest import absent
from e2e.driver.device import Device, Window
from e2e.driver.playwright_device import PlaywrightDevice
from e2e.driver.tab import Tab
from e2e.driver.webkit_device import Screen, WebKitDevice
from runtime.webkit import WebKit, find_webkit


@pytest.fixture(params=list(Window), ids=str)
def window(request: pytest.FixtureRequest) -> Window:
    return Window(request.param)


@pytest.fixture(scope="session")
def webkit() -> WebKit:
    found = find_webkit()
    if found is None:
        absent("WebKit", "E2E_WEBKIT")
    return found


@pytest.fixture(scope="session")
def screen(webkit: WebKit) -> Iterator[Screen]:
    screen = Screen(webkit.screen)
    yield screen
    screen.close()


@pytest.fixture
def device(request: pytest.FixtureRequest, browser_name: str, window: Window, tmp_path: Path) -> Iterator[Device]:
    started = (
        in_webkit(request, window, tmp_path) if browser_name == "webkit" else in_playwright(request, window, tmp_path)
    )
    yield started
    started.close()


def in_webkit(request: pytest.FixtureRequest, window: Window, folder: Path) -> Device:
    programs: WebKit = request.getfixturevalue("webkit")
    if window is Window.ORDINARY and programs.python is None:
        absent("WebKit for ordinary windows (python3-gi, gir1.2-webkit2-4.1)")
    return WebKitDevice(programs, request.getfixturevalue("screen"), window, folder)


def in_playwright(request: pytest.FixtureRequest, window: Window, folder: Path) -> Device:
    if window is Window.PRIVATE:
        browser: Browser = request.getfixturevalue("browser")
        return PlaywrightDevice(browser.new_context)
    kind: BrowserType = request.getfixturevalue("browser_type")
    arguments: dict[str, Any] = request.getfixturevalue("browser_type_launch_args")

    def start() -> BrowserContext:
        return kind.launch_persistent_context(folder, **arguments)

    return PlaywrightDevice(start)


@pytest.fixture
def tab(device: Device) -> Tab:
    return device.tab()
