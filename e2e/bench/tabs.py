"""The hand-over: the connected tab is closed, and the next one connects and is told that it lacks nothing."""

from __future__ import annotations

import time

from playwright.sync_api import Browser as Running

from e2e.bench.browsers import browsing, mark, quiet, serving
from e2e.bench.samples import Collector, Outcome
from e2e.bench.work import fill_in
from hearth_testing.server import Hearth
from runtime.browsers import Browser

MOST_MS = 1_000
"""Within a second, nobody notices."""

FIRST_FRAME = """
globalThis.firstFrame = new Promise((resolve) => {
  const { WebSocket } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", () => resolve(performance.timeOrigin + performance.now()), { once: true });
    }
  };
});
"""


def hand_over(running: Running, hearth: Hearth, measure: str, found: Collector) -> None:
    """Two tabs of an account, one of which is closed; ms from then to the first frame that the other one gets."""
    context = running.new_context()
    owner, follower = context.new_page(), context.new_page()
    owner.goto(hearth.url)
    owner.locator("#stay").check()
    fill_in(owner, hearth)
    mark(owner, "up-to-date")
    follower.add_init_script(FIRST_FRAME)
    follower.goto(hearth.url)
    mark(follower, "up-to-date")
    quiet(follower)
    began = time.time() * 1000
    owner.close()
    found.add(measure, "Hearth", float(follower.evaluate("() => firstFrame")) - began)
    context.close()


def run(runs: int) -> Outcome:
    """In both browsers, each time with two new tabs."""
    found = Collector()
    names = {Browser.CHROMIUM: "Chromium", Browser.FIREFOX: "Firefox"}
    with serving("--chats", "100", "--messages", "10") as hearth:
        for browser, name in names.items():
            with browsing(browser) as running:
                for _ in range(runs):
                    hand_over(running, hearth, f"{name}: a tab is closed → the next one is connected", found)
    outcome = Outcome("tabs", "Hand-over from a closed tab to the next", found.series())
    for name in names.values():
        outcome.limit(f"{name}: a tab is closed → the next one is connected", "Hearth", MOST_MS)
    return outcome
