"""What journeys do, for Playwright's sync API: sign in, wait for a mark, read the list, look into what is stored."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from hearth_testing import steps
from hearth_testing.control import HearthServer
from hearth_testing.steps import MARK_MS, STORED, run

__all__ = ["MARK_MS", "STORED"]


def wait_for_mark(page: Page, name: str) -> float:
    """Wait until the page has set a User Timing mark; when, in ms since the navigation began."""
    return run(steps.wait_for_mark(page, name))


def wait_for_worker(page: Page) -> None:
    """Wait until a service worker controls the page."""
    page.evaluate(
        """
        () => new Promise((resolve) => {
          if (navigator.serviceWorker.controller) resolve();
          else navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
        })
        """
    )


def marks(page: Page) -> list[str]:
    """The marks so far, in order, without their prefix."""
    return run(steps.marks(page))


def fill_in(page: Page, server: HearthServer, password: str | None = None) -> None:
    """Fill in the sign-in form."""
    run(steps.fill_in(page, server, password))


def sign_in(page: Page, server: HearthServer, stay: bool = False, until: str = "up-to-date") -> None:
    """Open the page, sign in, and wait for a mark."""
    run(steps.sign_in(page, server, stay, until))


def sign_out(page: Page) -> None:
    """Sign out, and wait until nothing is left."""
    run(steps.sign_out(page))


def sign_in_by_another_clock(page: Page, server: HearthServer) -> None:
    """Sign in on a page whose clock Playwright holds, which takes the marks away: wait for the status line."""
    page.goto(server.url)
    fill_in(page, server)
    page.get_by_role("button", name="Sign in").click()
    expect(status(page)).to_contain_text("Up to date", timeout=MARK_MS)


def open_chat(page: Page, title: str) -> None:
    """Open a chat from the list and wait for its heading."""
    run(steps.open_chat(page, title, expect))


def chats(page: Page) -> Locator:
    """The links of the chat list."""
    return steps.chats(page)  # type: ignore[no-any-return]


def chat_link(page: Page, title: str) -> Locator:
    """The link whose name starts with a title."""
    return steps.chat_link(page, title)  # type: ignore[no-any-return]


def heading(page: Page) -> Locator:
    """The open chat's heading."""
    return steps.heading(page)  # type: ignore[no-any-return]


def messages(page: Page) -> Locator:
    """The open chat's messages."""
    return steps.messages(page)  # type: ignore[no-any-return]


def status(page: Page) -> Locator:
    """The status line."""
    return steps.status(page)  # type: ignore[no-any-return]


def stored(page: Page) -> dict[str, Any]:
    """Everything that this origin keeps on the device, as text: databases, storages, caches."""
    return run(steps.stored(page))
