"""Navigation to the last chat on screen: a reload, and a new tab, at full speed and with the CPU slowed four times.

Both contenders are signed in with "Stay signed in", each in a profile of its own on the disk, and take turns. Time 0 is
`performance.timeOrigin`, the begin of the navigation. A chat counts as shown once its heading and its last
message are in the document and visible, whoever put them there; as painted after the frame that follows.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from e2e.bench.browsers import MOST_MS, mark, quiet, serving
from e2e.bench.samples import Collector, Outcome, alternating
from e2e.bench.work import PATHS, fill_in
from hearth_testing.server import Hearth
from runtime.browsers import Browser, find

GOALS = {Browser.CHROMIUM: 1.5, Browser.FIREFOX: 2.0}
"""The most that Hearth may take, as a multiple of the twin's time."""

SLOWDOWN = 4
"""What a phone's CPU is taken for; Chromium can slow down the page's main thread, Firefox cannot."""

OBSERVE = """
globalThis.lastChat = new Promise((resolve) => {
  const shown = () => {
    const last = document.querySelector("#message-items > :last-child");
    return document.getElementById("chat-title")?.textContent && last?.matches("article") ? last : null;
  };
  const painted = (inPage) => requestAnimationFrame(() => {
    if (!shown()?.checkVisibility()) return painted(inPage);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve({ inPage, painted: performance.now() });
    port2.postMessage(0);
  });
  const observer = new MutationObserver(() => {
    if (!shown()) return;
    observer.disconnect();
    painted(performance.now());
  });
  observer.observe(document, { childList: true, subtree: true });
});
"""
"""Watches the document from its first element on."""

RESULT = """
(most) => Promise.race([
  lastChat, new Promise((_, reject) => setTimeout(() => reject(new Error("no chat was shown")), most)),
])
"""


@contextmanager
def device(playwright: Playwright, name: Browser, hearth: Hearth, contender: str) -> Iterator[BrowserContext]:
    """A profile of its own on the disk, signed in, with everything stored."""
    found = find(name)
    if found is None:
        sys.exit(f"There is no {name} here: run 'make setup', or set E2E_{name.upper()} to its path.")
    with tempfile.TemporaryDirectory() as folder:
        context = getattr(playwright, name.value).launch_persistent_context(folder, **found.launch_options())
        context.add_init_script(OBSERVE)
        page = context.new_page()
        page.goto(hearth.url + PATHS[contender])
        mark(page, "python-ready")
        page.locator("#stay").check()
        fill_in(page, hearth)
        settle(page, contender)
        page.close()
        yield context
        context.close()


def settle(page: Page, contender: str) -> None:
    """Wait until nothing of this load is left to do."""
    mark(page, "up-to-date")
    if contender == "Hearth":
        mark(page, "search-ready")
    quiet(page)


def visit(context: BrowserContext, url: str, contender: str, prefix: str, slowed: bool, found: Collector) -> None:
    """A new tab, whose renderer process is new, and a reload in it; the tab is closed at the end."""
    page = context.new_page()
    if slowed:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    loads: dict[str, Callable[[], object]] = {
        "new tab": lambda: page.goto(url, wait_until="commit"),
        "reload": lambda: page.reload(wait_until="commit"),
    }
    for way, load in loads.items():
        load()
        times = page.evaluate(RESULT, MOST_MS)
        found.add(f"{prefix}{way} → last chat painted", contender, times["painted"])
        found.add(f"{prefix}{way} → last chat in the document", contender, times["inPage"])
        settle(page, contender)
    page.close()


def measure(name: Browser, hearth: Hearth, runs: int, found: Collector) -> None:
    """Alternate the two in one browser, after a round that only fills the caches."""
    with sync_playwright() as playwright, ExitStack() as stack:
        devices = {each: stack.enter_context(device(playwright, name, hearth, each)) for each in PATHS}
        for prefix, slowed in conditions(name).items():
            for number in range(-1, runs):
                for contender in alternating(PATHS, max(number, 0)):
                    url, into = hearth.url + PATHS[contender], found if number >= 0 else Collector()
                    visit(devices[contender], url, contender, prefix, slowed, into)


def conditions(name: Browser) -> dict[str, bool]:
    """What a browser is measured under: the begin of the measures' names, and whether the CPU is slowed."""
    if name is Browser.CHROMIUM:
        return {"": False, f"CPU slowed {SLOWDOWN} times: ": True}
    return {f"{name.value.title()}: ": False}


def run(runs: int) -> Outcome:
    """Chromium, Chromium slowed, Firefox."""
    found = Collector()
    with serving() as hearth:
        for name in GOALS:
            measure(name, hearth, runs, found)
    outcome = Outcome("navigation", "Navigation to the last chat on screen", found.series())
    for name, bound in GOALS.items():
        for prefix in conditions(name):
            for way in ("new tab", "reload"):
                outcome.hold(f"{prefix}{way} → last chat painted", "Hearth", "twin", bound)
    return outcome
