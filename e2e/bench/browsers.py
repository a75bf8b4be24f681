"""The browsers and the servers of a benchmark, and the scripts that it measures with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser as Running
from playwright.sync_api import Page, sync_playwright

from e2e.bench.bundles import bundle
from hearth_testing.server import Hearth
from runtime.browsers import Browser, find

MOST_MS = 120_000


class BenchServer(Hearth):
    """Hearth's server with the twin on the same origin."""

    MODULE = "e2e.bench.serve"


@contextmanager
def serving(*options: str) -> Iterator[Hearth]:
    """A server for as long as the block lasts."""
    bundle("markdown-it", 'export { default } from "markdown-it";')
    server = BenchServer(options).start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def browsing(name: Browser, *flags: str) -> Iterator[Running]:
    """A browser for as long as the block lasts; exits with a sentence when there is none."""
    found = find(name)
    if found is None:
        sys.exit(f"There is no {name} here: run 'make setup', or set E2E_{name.upper()} to its path.")
    options = found.launch_options()
    if flags:
        options["args"] = [*options.get("args", []), *flags]
    with sync_playwright() as playwright:
        running = getattr(playwright, name.value).launch(**options)
        try:
            yield running
        finally:
            running.close()


def versions() -> list[str]:
    """The browsers that this machine has, with their versions."""
    said = []
    for name in Browser:
        if find(name):
            with browsing(name) as running:
                said.append(f"{name.value.title()} {running.version}")
    return said


MARK = """
([name, most]) => new Promise((resolve, reject) => {
  const look = () => {
    const [mark] = performance.getEntriesByName(`hearth:${name}`, "mark");
    if (mark) { resolve(mark.startTime); observer.disconnect(); clearTimeout(timer); }
  };
  const observer = new PerformanceObserver(look);
  const timer = setTimeout(() => reject(new Error(`no mark ${name}`)), most);
  observer.observe({ type: "mark" });
  look();
})
"""


def mark(page: Page, name: str) -> float:
    """Wait for a User Timing mark; when it was set, in ms since the navigation."""
    return float(page.evaluate(MARK, [name, MOST_MS]))


def quiet(page: Page) -> None:
    """Let what the page still had to do come to its end, so that it does not fall into the next measure."""
    page.evaluate("() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2000 }))")
