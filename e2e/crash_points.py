"""A tab whose process ends at a step of the page that `crash_points.js` stops at."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from hearth_testing import journey
from hearth_testing.server import Hearth

STEPS = (Path(__file__).parent / "crash_points.js").read_text(encoding="utf-8")


def end_processes(browser: Browser | None) -> None:
    """End the processes of a browser's pages, which have no say in it; the browser itself lives on."""
    assert browser
    session = browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            with suppress(ProcessLookupError):
                os.kill(process["id"], signal.SIGKILL)
    session.detach()


@dataclass(slots=True)
class Tab:
    """A tab of one browser, whose page may be stopped at a step: its number, or its name."""

    context: BrowserContext
    hearth: Hearth
    page: Page

    @classmethod
    def opened(cls, context: BrowserContext, hearth: Hearth, at: int | str | None = None) -> Tab:
        """A new tab with the app not in it yet."""
        page = context.new_page()
        page.add_init_script(f"({STEPS})({json.dumps(at)})")
        return cls(context, hearth, page)

    def load(self) -> None:
        """Go to the app; it may stop at once."""
        self.page.goto(self.hearth.url, wait_until="commit")

    def sign_in(self, at: int | str | None = None) -> None:
        """Sign in; the steps count from here."""
        self.page.goto(self.hearth.url)
        journey.fill_in(self.page, self.hearth)
        self.page.get_by_role("checkbox", name="Stay signed in").check()
        self.press("Sign in", at)

    def press(self, name: str, at: int | str | None = None) -> None:
        """Press a button without waiting for what it does; the steps count from here."""
        press = "(button, at) => { crashPoints.begin(at); setTimeout(() => button.click()); }"
        self.page.get_by_role("button", name=name).evaluate(press, at)

    def dies(self, act: Callable[[], None]) -> str:
        """Do something and end the page's process where it stops: the step, or nothing if all were taken before."""
        heard = ("crash point: ", "no crash point")
        with self.page.expect_console_message(lambda message: message.text.startswith(heard)) as found:
            act()
        at = found.value.text.partition("crash point: ")[2]
        if at:
            with self.page.expect_event("crash"):
                end_processes(self.context.browser)
        self.page.close()
        return at

    def names(self) -> list[str]:
        """The steps so far."""
        return list(self.page.evaluate("() => crashPoints.names"))
