"""Chromium and Firefox as a `Device`, through Playwright."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from e2e.driver.device import Device
from e2e.driver.playwright_tab import PlaywrightTab
from e2e.driver.tab import Tab


class PlaywrightDevice(Device):
    """A context of Playwright's; `start` makes it, and makes it again on the same profile."""

    def __init__(self, start: Callable[[], BrowserContext]) -> None:
        self._start = start
        self._context = start()

    def tab(self) -> Tab:
        return PlaywrightTab(self._context.new_page())

    def restart(self) -> None:
        self._context.close()
        self._context = self._start()

    def close(self) -> None:
        self._context.close()
