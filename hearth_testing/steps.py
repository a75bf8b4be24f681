"""What a journey does with the page, written once for Playwright's sync and async API, and how either runs it.

A step yields what Playwright answers. In the sync API that is the value itself, and it is given back as it is; in the
async API it is awaited first.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, TypeVar

from hearth_testing.control import HearthServer

T = TypeVar("T")
Steps = Generator[Any, Any, T]

MARK_MS = 30_000
"""The most that a mark may take: a slow machine starts Python in seconds, a broken page never."""

AWAIT_MARK = """
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


def run(steps: Steps[T]) -> T:
    """Take the steps with Playwright's sync API."""
    try:
        answer = next(steps)
        while True:
            answer = steps.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def run_async(steps: Steps[T]) -> T:
    """Take the steps with Playwright's async API."""
    try:
        answer = next(steps)
        while True:
            try:
                answered = await answer
            except Exception as error:  # noqa: BLE001 - the step decides what to do about it
                answer = steps.throw(error)
            else:
                answer = steps.send(answered)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def wait_for_mark(page: Any, name: str) -> Steps[float]:
    """Wait until the page has set a User Timing mark; when, in ms since the navigation began."""
    return float((yield page.evaluate(AWAIT_MARK, [f"hearth:{name}", MARK_MS])))


def marks(page: Any) -> Steps[list[str]]:
    """The marks so far, in order, without their prefix."""
    names = yield page.evaluate("() => performance.getEntriesByType('mark').map(({ name }) => name)")
    return [name.removeprefix("hearth:") for name in names if name.startswith("hearth:")]


def fill_in(page: Any, server: HearthServer, password: str | None = None) -> Steps[None]:
    """Fill in the sign-in form."""
    yield page.get_by_role("textbox", name="Email").fill(server.email)
    yield page.get_by_role("textbox", name="Password").fill(server.password if password is None else password)


def sign_in(page: Any, server: HearthServer, stay: bool = False, until: str = "up-to-date") -> Steps[None]:
    """Open the page, sign in, and wait for a mark."""
    yield page.goto(server.url)
    yield from fill_in(page, server)
    if stay:
        yield page.get_by_role("checkbox", name="Stay signed in").check()
    yield page.get_by_role("button", name="Sign in").click()
    yield from wait_for_mark(page, until)


def sign_out(page: Any) -> Steps[None]:
    """Sign out, and wait until nothing is left."""
    yield page.get_by_role("button", name="Sign out", exact=True).first.click()
    yield from wait_for_mark(page, "signed-out")


def open_chat(page: Any, title: str, expect: Any) -> Steps[None]:
    """Open a chat from the list and wait for its heading."""
    yield chat_link(page, title).first.click()
    yield expect(heading(page)).to_have_text(title)


def stored(page: Any) -> Steps[dict[str, Any]]:
    """Everything that this origin keeps on the device, as text: databases, storages, caches."""
    return dict((yield page.evaluate(STORED)))


def chats(page: Any) -> Any:
    """The links of the chat list."""
    return page.get_by_role("navigation", name="Chats").get_by_role("link")


def chat_link(page: Any, title: str) -> Any:
    """The link whose name starts with a title."""
    return page.get_by_role("navigation", name="Chats").get_by_role("link", name=re.compile(f"^{re.escape(title)}"))


def heading(page: Any) -> Any:
    """The open chat's heading."""
    return page.get_by_role("main").get_by_role("heading", level=1)


def messages(page: Any) -> Any:
    """The open chat's messages."""
    return page.get_by_role("log", name="Messages").get_by_role("article")


def status(page: Any) -> Any:
    """The status line."""
    return page.get_by_role("status")
