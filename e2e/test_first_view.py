"""What is on screen before Python runs: drawn from what was kept, and taken over by Python as the same nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

INTERPRETER = re.compile(r"/-/interpreter\.")

SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    shifts.push([value, sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? null)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
"""Notes what moves on the screen by itself (Layout Instability)."""

KEPT_ROW = """
async () => (await new Promise(async (resolve) => {
  const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("hearth:"));
  indexedDB.open(name).onsuccess = ({ target: { result: db } }) => {
    db.transaction("kept").objectStore("kept").get("view").onsuccess = ({ target }) => {
      db.close();
      resolve(target.result?.sealed.length ?? 0);
    };
  };
}))
"""
"""How many bytes are kept of the view."""

RESEAL = """
async ([account, build]) => {
  const url = document.querySelector('link[href*="/first_key."]').href;
  const found = await (await import(url)).firstMaster(() => undefined);
  const { records, view } = hearth;
  const db = await new Promise((resolve) => {
    indexedDB.open(`hearth:${found.account}`).onsuccess = ({ target }) => resolve(target.result);
  });
  const store = () => db.transaction("kept", "readwrite").objectStore("kept");
  const { sealed } = await new Promise((resolve) => {
    store().get("view").onsuccess = ({ target }) => resolve(target.result);
  });
  const own = records.makeRing(found.account, found.key, found.keyId);
  const content = await records.openKept(own, `view ${view.build()}`, sealed);
  const ring = records.makeRing(account ?? found.account, found.key, found.keyId);
  const other = await records.sealKept(ring, `view ${build ?? view.build()}`, content);
  if (!account && !build) other[other.length >> 1] ^= 1;
  await new Promise((resolve) => { store().put({ name: "view", sealed: other }).onsuccess = resolve; });
  db.close();
}
"""
"""Puts another value in the place of the view: one for another account, of another build, or a damaged one."""


@contextmanager
def before_python(page: Page) -> Iterator[None]:
    """Load the page anew; Python comes at the end of the block."""
    waiting: list[Route] = []
    page.route(INTERPRETER, lambda route: waiting.append(route))  # noqa: PLW0108 - a builtin will not do
    with page.expect_request(INTERPRETER):  # it is asked for once the view is painted, or there is none
        page.reload(wait_until="commit")
    yield
    for route in waiting:
        route.continue_()
    page.unroute(INTERPRETER)
    journey.wait_for_mark(page, "python-ready")


def signed_in(new_context: Callable[..., BrowserContext], hearth: Hearth, **options: Any) -> Page:
    """A page that is signed in and has kept its view; no service worker answers in the server's place."""
    page = new_context(service_workers="block", **options).new_page()
    page.add_init_script(SHIFTS)
    journey.sign_in(page, hearth)
    wait_for_view(page)
    return page


def wait_for_view(page: Page, more_than: int = 0) -> int:
    """Wait until a view is kept that is longer than some bytes; how long it is."""
    for _ in range(200):
        if (kept := int(page.evaluate(KEPT_ROW))) > more_than:
            return kept
    raise AssertionError("no view is kept")


def test_the_last_view_is_there_before_python_and_stays_the_same(
    new_context: Callable[..., BrowserContext], serve: Callable[..., Hearth]
) -> None:
    hearth = serve("--chats", "30", "--messages", "20")
    page = signed_in(new_context, hearth)
    count = journey.messages(page).count()
    title, text = journey.heading(page).inner_text(), journey.messages(page).last.inner_text()
    box = page.get_by_role("textbox", name="Message", exact=True)
    with before_python(page):
        assert journey.marks(page) == ["first-view-shown", "first-chat-shown"]
        expect(journey.heading(page)).to_have_text(title)
        assert journey.messages(page).last.inner_text() == text
        expect(journey.chats(page).first).to_be_visible()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert not page.locator(".when").filter(has_text=re.compile(r"\w")).count(), "dates are Python's"
        page.evaluate("""() => {
          globalThis.nodes = [...document.querySelectorAll("#message-items article, .chat a")];
          getSelection().selectAllChildren(document.querySelector("#message-items article:last-child .prose"));
          globalThis.selected = String(getSelection());
        }""")
    journey.wait_for_mark(page, "up-to-date")
    expect(page.locator(".when").first).to_have_text(re.compile(r"\w"))
    expect(journey.messages(page)).to_have_count(count)
    assert page.evaluate("() => nodes.length > 10 && nodes.every((node) => node.isConnected)")
    assert page.evaluate("() => selected.length > 0 && String(getSelection()) === selected")
    assert page.evaluate("() => shifts") == []
    assert journey.marks(page).count("first-chat-shown") == 1
    with before_python(page):
        box.press_sequentially("Typed before Python")
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.messages(page)).to_have_count(count)
    expect(box).to_have_value("Typed before Python")
    expect(box).to_be_focused()


def test_what_is_pressed_before_python_is_done(new_context: Callable[..., BrowserContext], fresh: Hearth) -> None:
    page = signed_in(new_context, fresh)
    other = fresh.account()["chats"][3]["title"]
    with before_python(page):
        journey.chat_link(page, other).click()
    expect(journey.heading(page)).to_have_text(other)
    wait_for_view(page)
    with before_python(page):
        expect(journey.heading(page)).to_have_text(other)
        box = page.get_by_role("textbox", name="Message", exact=True)
        box.fill("Sent before Python")
        box.press("Enter")
    expect(journey.messages(page).last).to_contain_text("Sent before Python")
    journey.wait_for_mark(page, "outbox-empty")
    expect(box).to_have_value("")
    with before_python(page):
        page.get_by_role("button", name="Sign out").click()
        expect(journey.heading(page)).to_have_count(0)
        assert other not in page.content()
    journey.wait_for_mark(page, "signed-out")
    kept = journey.stored(page)
    assert (kept["databases"], kept["session"], kept["local"]) == ({}, {}, {})


def test_what_is_old_is_corrected_and_what_does_not_open_is_not_shown(
    new_context: Callable[..., BrowserContext], fresh: Hearth
) -> None:
    page = signed_in(new_context, fresh)
    account = fresh.account()
    chat = next(each for each in account["chats"] if each["id"] == account["last_opened"])
    page.goto("about:blank")
    fresh.change(add_message={"chat_id": chat["id"], "text": "News from the other device"})
    page.goto(fresh.url)
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.messages(page).last).to_contain_text("News from the other device")
    assert journey.marks(page)[:2] == ["first-view-shown", "first-chat-shown"]
    for wrong in (["somebody else", None], [None, "another build"], [None, None]):
        journey.wait_for_mark(page, "up-to-date")
        wait_for_view(page)
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 1_500))")
        page.evaluate(RESEAL, wrong)
        with before_python(page):
            assert journey.marks(page) == []
            assert chat["title"] not in page.locator("#shell").inner_text()
        expect(journey.heading(page)).to_have_text(chat["title"])
    page.evaluate("() => localStorage.setItem('hearth.wiping', 'somebody')")
    with before_python(page):
        assert journey.marks(page) == []
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
