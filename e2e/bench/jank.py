"""Jank: the longest task of the page's main thread while 100 chats of 100 messages come in."""

from __future__ import annotations

from playwright.sync_api import Browser as Running

from e2e.bench.browsers import browsing, mark, quiet, serving
from e2e.bench.samples import Collector, Outcome, alternating
from e2e.bench.work import PATHS, fill_in
from hearth_testing.server import Hearth
from runtime.browsers import Browser

OPTIONS = ("--chats", "100", "--messages", "100")
MOST_MS = 50
"""What the Long Tasks API calls a long task; shorter ones it does not tell, and they count as 0 here."""

LONG_TASKS = """
() => new Promise((resolve) => {
  const observer = new PerformanceObserver((list) => {
    const entries = list.getEntries().map(({ startTime, duration }) => [startTime, duration]);
    observer.disconnect();
    resolve(entries);
  });
  observer.observe({ type: "longtask", buffered: true });
  setTimeout(() => resolve([]), 500);
})
"""


def visit(browser: Running, hearth: Hearth, contender: str, found: Collector) -> None:
    """Sign in and warm, and ask the browser which tasks were long."""
    hearth.reset()
    context = browser.new_context()
    page = context.new_page()
    page.goto(hearth.url + PATHS[contender])
    ready = mark(page, "python-ready")
    quiet(page)
    fill_in(page, hearth)
    warm = mark(page, "warm")
    long = [duration for start, duration in page.evaluate(LONG_TASKS) if ready < start <= warm]
    found.add("longest task from Python ready to all stored", contender, max(long, default=0.0))
    found.add("tasks over 50 ms", contender, len(long), "")
    found.add("beyond 50 ms, all of them together", contender, sum(each - MOST_MS for each in long))
    context.close()


def run(runs: int) -> Outcome:
    """Alternate the two; the goal is Hearth's."""
    found = Collector()
    with serving(*OPTIONS) as hearth, browsing(Browser.CHROMIUM) as browser:
        for contender in PATHS:
            visit(browser, hearth, contender, Collector())
        for number in range(runs):
            for contender in alternating(PATHS, number):
                visit(browser, hearth, contender, found)
    outcome = Outcome("jank", "Long tasks while 100 chats of 100 messages come in (Chromium)", found.series())
    outcome.limit("longest task from Python ready to all stored", "Hearth", MOST_MS)
    return outcome
