"""Chromium and Firefox behind `Tab`, through Playwright."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from playwright.sync_api import ElementHandle, Error, Page

from e2e.driver.tab import FIRST, NotYetError, Role, Tab

ACT_MS = 10_000
"""An element that cannot be used for this long is looked for again: another one may have taken its place."""


class PlaywrightTab(Tab):
    """A page of Playwright's."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, url: str) -> None:
        self.page.goto(url)

    def reload(self) -> None:
        self.page.reload()

    def close(self) -> None:
        self.page.close()

    def evaluate(self, script: str, argument: Any = None) -> Any:
        try:
            return self.page.evaluate(script, argument)
        except Error as error:
            if "context was destroyed" in error.message or "navigat" in error.message:
                raise NotYetError(error.message) from None
            raise

    def click_first(self, role: Role) -> None:
        try:
            self._first(role).click(timeout=ACT_MS)
        except Error as error:
            raise NotYetError(error.message) from None

    def fill_first(self, role: Role, text: str) -> None:
        try:
            self._first(role).fill(text, timeout=ACT_MS)
        except Error as error:
            raise NotYetError(error.message) from None

    def _first(self, role: Role) -> ElementHandle:
        found = self.page.evaluate_handle(FIRST, asdict(role)).as_element()
        if found is None:
            raise NotYetError(f"there is no {role}")
        return found
