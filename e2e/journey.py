"""The words that journeys are told in: sign in, wait for a mark, read the list, look into what is stored."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from e2e.server import Hearth

MARK_MS = 30_000
"""The most that a mark may take: a slow machine starts Python in seconds, a broken page never."""


def wait_for_mark(page: Page, name: str) -> float:
    """Wait until the page has set a User Timing mark; when, in ms since the navigation began."""
    script = """
    ([name, most]) => new Promise((resolve, reject) => {
      const look = () => {
        const [mark] = performance.getEntriesByName(name, "mark");
        if (mark) { resolve(mark.startTime); observer.disconnect(); clearTimeout(timer); }
      };
      const observer = new PerformanceObserver(look);
      const timer = setTimeout(() => reject(new Error(`no mark ${name}`)), most);
      observer.observe({ type: "mark" });
      look();
    })
    """
    return float(page.evaluate(script, [f"hearth:{name}", MARK_MS]))


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
    script = "() => performance.getEntriesByType('mark').map(({ name }) => name)"
    return [name.removeprefix("hearth:") for name in page.evaluate(script) if name.startswith("hearth:")]


def fill_in(page: Page, hearth: Hearth, password: str | None = None) -> None:
    """Fill in the sign-in form."""
    page.get_by_role("textbox", name="Email").fill(hearth.email)
    page.get_by_role("textbox", name="Password").fill(hearth.password if password is None else password)


def sign_in(page: Page, hearth: Hearth, stay: bool = False, until: str = "up-to-date") -> None:
    """Open the page, sign in, and wait for a mark."""
    page.goto(hearth.url)
    fill_in(page, hearth)
    if stay:
        page.get_by_role("checkbox", name="Stay signed in").check()
    page.get_by_role("button", name="Sign in").click()
    wait_for_mark(page, until)


def sign_out(page: Page) -> None:
    """Sign out, and wait until nothing is left."""
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    wait_for_mark(page, "signed-out")


def sign_in_by_another_clock(page: Page, hearth: Hearth) -> None:
    """Sign in on a page whose clock Playwright holds, which takes the marks away: wait for the status line."""
    page.goto(hearth.url)
    fill_in(page, hearth)
    page.get_by_role("button", name="Sign in").click()
    expect(status(page)).to_contain_text("Up to date", timeout=MARK_MS)


def chats(page: Page) -> Locator:
    """The links of the chat list."""
    return page.get_by_role("navigation", name="Chats").get_by_role("link")


def chat_link(page: Page, title: str) -> Locator:
    """The link whose name starts with a title."""
    return page.get_by_role("navigation", name="Chats").get_by_role("link", name=re.compile(f"^{re.escape(title)}"))


def open_chat(page: Page, title: str) -> None:
    """Open a chat from the list and wait for its heading."""
    chat_link(page, title).first.click()
    expect(heading(page)).to_have_text(title)


def heading(page: Page) -> Locator:
    """The open chat's heading."""
    return page.get_by_role("main").get_by_role("heading", level=1)


def messages(page: Page) -> Locator:
    """The open chat's messages."""
    return page.get_by_role("log", name="Messages").get_by_role("article")


def status(page: Page) -> Locator:
    """The status line."""
    return page.get_by_role("status")


STORED = """
async () => {
  const rows = {};
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of db.objectStoreNames) {
      rows[`${name}/${store}`] = await new Promise((resolve) => {
        db.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result);
      });
      for (const row of rows[`${name}/${store}`]) {
        // Bytes as text: plaintext among them would show.
        if (row.sealed instanceof Uint8Array) row.sealed = new TextDecoder("latin1").decode(row.sealed);
      }
    }
    db.close();
  }
  const caches_ = {};
  for (const name of await caches.keys()) {
    caches_[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
  }
  return { databases: rows, session: { ...sessionStorage }, local: { ...localStorage }, caches: caches_ };
}
"""
"""Answers everything that this origin keeps on the device, as text: databases, storages, caches."""


def stored(page: Page) -> dict[str, Any]:
    """Everything that this origin keeps on the device, as text: databases, storages, caches."""
    return dict(page.evaluate(STORED))
