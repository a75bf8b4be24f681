"""Growth: what a message costs, and how much memory the page takes, when there are ten and a hundred times as many."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Browser as Running

from e2e.bench.browsers import browsing, mark, quiet
from e2e.bench.memory import renderer_mb
from e2e.bench.samples import Collector, Outcome
from e2e.bench.work import fill_in
from hearth_testing.server import Hearth
from runtime.browsers import Browser

SIZES = {"1,000": 10, "10,000": 100, "100,000": 1_000}
"""How many messages there are in all, and in each of the 100 chats."""

COST = "a message, from signed in to all stored"


def visit(browser: Running, hearth: Hearth, size: str, total: int, found: Collector) -> None:
    """Sign in and warm a new device."""
    hearth.reset()
    context = browser.new_context()
    page = context.new_page()
    page.goto(hearth.url)
    mark(page, "python-ready")
    quiet(page)
    fill_in(page, hearth)
    warm, signed_in = mark(page, "warm"), mark(page, "signed-in")
    found.add("signed in → all stored", size, warm - signed_in)
    found.add("signed in → first chat shown", size, mark(page, "first-chat-shown") - signed_in)
    found.add(COST, size, (warm - signed_in) * 1000 / total, "µs")
    found.add("renderer process at its peak", size, renderer_mb(browser, peak=True), "MB")
    context.close()


def run(runs: int, sizes: Sequence[str] = tuple(SIZES)) -> Outcome:
    """The sizes one after the other, each with a server of its own and a browser for each visit."""
    found = Collector()
    for size in sizes:
        hearth = Hearth(("--chats", "100", "--messages", str(SIZES[size]))).start()
        try:
            total = sum(len(each["messages"]) for each in hearth.account()["chats"][:100])
            for number in range(-1, runs):  # the first visit warms the server up
                with browsing(Browser.CHROMIUM) as browser:
                    visit(browser, hearth, size, total, found if number >= 0 else Collector())
        finally:
            hearth.stop()
    outcome = Outcome("growth", "From 1,000 to 100,000 messages (Chromium)", found.series(), ours=sizes[-1])
    smallest, *larger = sizes
    for size in larger:
        outcome.hold(COST, size, smallest, 1.25, text=f"{COST}: {size} messages against {smallest}")
    return outcome
