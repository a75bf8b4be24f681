"""Whether the app should decrypt every chat in the background: opening a chat with and without, and the price."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as Running
from playwright.sync_api import Page

from e2e.bench.browsers import browsing, mark, quiet, serving
from e2e.bench.memory import renderer_mb, script_heap_mb
from e2e.bench.samples import Collector, Outcome, alternating
from e2e.bench.work import OPEN, PAGE, fill_in
from hearth_testing.server import Hearth
from runtime.browsers import Browser
from runtime.paths import ROOT

WAYS = {"on demand": None, "decrypted before": False, "decrypted and parsed before": True}
CHATS = 20

PREPARE = """
async ({ interpreter, path, text }) => {
  const { loadPyodide } = await import(interpreter);
  const python = await loadPyodide({});
  python.FS.mkdirTree("/bench/e2e/bench");
  for (const folder of ["/bench/e2e", "/bench/e2e/bench"]) python.FS.writeFile(`${folder}/__init__.py`, "");
  python.FS.writeFile(path, text);
  python.runPython("import sys; sys.path.insert(0, '/bench')");
  globalThis.held = python.pyimport("e2e.bench.held");
  globalThis.pythonHeap = () => python._module.HEAPU8.length;
}
"""


def interpreter() -> str:
    """The address of the page's interpreter module; it answers the interpreter that runs."""
    files = json.loads((ROOT / "dist/manifest.json").read_text())["files"]
    return next(str(each["path"]) for each in files if each["path"].startswith("/-/interpreter."))


def prepare(page: Page) -> None:
    """Bring `held` into the page's Python."""
    text = (Path(__file__).parent / "held.py").read_text(encoding="utf-8")
    page.evaluate(PREPARE, {"interpreter": interpreter(), "path": "/bench/e2e/bench/held.py", "text": text})


def titles(hearth: Hearth) -> list[dict[str, Any]]:
    """Chats with a title of their own and enough messages to fill a page's first part."""
    rows = hearth.account()["chats"][:100]
    names = [each["title"] for each in rows]
    return [each for each in rows if len(each["messages"]) >= 12 and names.count(each["title"]) == 1][:CHATS]


def session(browser: Running, hearth: Hearth, way: str, found: Collector) -> None:
    """Sign in, prepare in this way, and open the chats one after the other."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(hearth.url)
    mark(page, "python-ready")
    fill_in(page, hearth)
    mark(page, "search-ready")  # the index is built after warming, and would be in the way of one of the ways
    prepare(page)
    quiet(page)
    parse = WAYS[way]
    if parse is not None:
        found.add("the work before", way, page.evaluate("(parse) => held.hold(parse)", parse))
    quiet(page)
    firsts, fulls = [], []
    for chat in titles(hearth):
        count = min(PAGE, len(chat["messages"]))
        times = page.evaluate(OPEN, {"title": chat["title"], "first": 12, "count": count})
        firsts.append(times["first"])
        fulls.append(times["full"])
        quiet(page)
    found.add("open a chat: first 12 painted", way, statistics.median(firsts))
    found.add("open a chat: full page painted", way, statistics.median(fulls))
    found.add("Python's memory", way, page.evaluate("() => pythonHeap()") / 1024 / 1024, "MB")
    found.add("JavaScript's heap", way, script_heap_mb(page), "MB")
    found.add("renderer process", way, renderer_mb(browser), "MB")
    context.close()


def run(runs: int) -> Outcome:
    """Alternate the three ways, each in a browser of its own so that memory is not shared."""
    found = Collector()
    with serving() as hearth:
        for number in range(runs):
            for way in alternating(WAYS, number):
                with browsing(Browser.CHROMIUM) as browser:
                    session(browser, hearth, way, found)
    return Outcome(
        "background", "Opening a chat on demand, or from memory (120 chats of 40)", found.series(), ours="on demand"
    )
