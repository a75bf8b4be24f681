"""WebKit behind `Tab`, through Selenium's driver for WebKitGTK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from selenium.common.exceptions import JavascriptException, NoSuchElementException, WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from e2e.driver.tab import FIRST, NotYetError, Role, Tab

AWAITED = """
const answer = arguments[arguments.length - 1];
Promise.resolve().then(() => (%s)(arguments[0]))
  .then((value) => answer({ value }), (error) => answer({ error: String(error) }));
"""
IN_VIEW = "arguments[0].scrollIntoView({ block: 'nearest', inline: 'nearest' })"


class WebKitTab(Tab):
    """A tab of the browser that Selenium drives; a driver looks at one tab at a time."""

    def __init__(self, driver: WebDriver, handle: str) -> None:
        self._driver, self._handle = driver, handle

    def open(self, url: str) -> None:
        self._look().get(url)

    def reload(self) -> None:
        self._look().refresh()

    def close(self) -> None:
        self._look().close()

    def evaluate(self, script: str, argument: Any = None) -> Any:
        driver = self._look()
        with between_documents():
            answer = driver.execute_async_script(AWAITED % script, argument)
        if "error" in answer:
            raise JavascriptException(answer["error"])
        return answer.get("value")

    def click_first(self, role: Role) -> None:
        found = self._in_view(role)
        with not_usable():
            found.click()

    def fill_first(self, role: Role, text: str) -> None:
        found = self._in_view(role)
        with not_usable():
            found.clear()
            found.send_keys(text)

    def _first(self, role: Role) -> WebElement:
        driver = self._look()
        with between_documents():
            found = driver.execute_script(f"return ({FIRST})(arguments[0])", asdict(role))
        if found is None:
            raise NotYetError(f"there is no {role}")
        assert isinstance(found, WebElement)
        return found

    def _in_view(self, role: Role) -> WebElement:
        """The first one, where it can be pressed: the driver itself scrolls the window, and no part of the page."""
        found = self._first(role)
        with not_usable():
            self._driver.execute_script(IN_VIEW, found)
        return found

    def _look(self) -> WebDriver:
        """The driver, with its eyes on this tab."""
        self._driver.switch_to.window(self._handle)
        return self._driver


@contextmanager
def between_documents() -> Iterator[None]:
    """A script that is cut off by a navigation did not run."""
    try:
        yield
    except (JavascriptException, NoSuchElementException) as error:
        raise NotYetError(error.msg or "the page is loading") from None


@contextmanager
def not_usable() -> Iterator[None]:
    """An element that is covered, moving or replaced is looked for again."""
    try:
        yield
    except WebDriverException as error:
        raise NotYetError(error.msg or "the element cannot be used") from None
