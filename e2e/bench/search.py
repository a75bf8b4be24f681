"""Search: an index of 10,000 messages, Hearth's beside MiniSearch and FlexSearch, and what each finds."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
from itertools import accumulate
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as Running
from playwright.sync_api import Page

from e2e.bench.browsers import browsing, mark, quiet, serving
from e2e.bench.bundles import bundle
from e2e.bench.memory import renderer_mb
from e2e.bench.samples import Collector, Outcome, alternating
from e2e.bench.work import fill_in
from e2e.test_search import KEPT as KEPT_NOW
from runtime.browsers import Browser
from runtime.paths import ROOT
from tests.search.labelled import Outcome as Found
from tests.search.labelled import docs, index, labelled, outcomes

Corpus = tuple[list[dict[str, Any]], list[str]]

HERE = Path(__file__).parent
TOTAL, MANY = 10_000, 100_000
HEARTH = "Hearth"
OTHERS = ("MiniSearch", "FlexSearch")
BUILD, STROKE, SLOW = "index 10,000 messages", "a keystroke, median", "a keystroke, 95th percentile"
LOAD, KEPT, LONGEST = "take over the kept index", "the kept index", "longest piece of indexing"
REHEARSAL, REHEARSED = "once, while a password is derived: SQLite's first calls", "the longest piece of that"
MEMORY, RECALL = "memory that the index takes", "plain queries that find all they should"
MANY_BUILD, MANY_STROKE, MANY_SLOW, MANY_FIRST, MANY_MEMORY = (
    f"100,000 messages: {name}"
    for name in ("index them", STROKE, SLOW, "a keystroke to the first results, 95th percentile", MEMORY)
)
ANSWERS, READY = "reload: Python ready → first answers", "reload: Python ready → answers from all 10,000"

PREPARE = """
async ({ interpreter, kernels, files }) => {
  for (const url of kernels) await import(url);
  const { loadPyodide } = await import(interpreter);
  const python = await loadPyodide({});
  for (const [path, text] of Object.entries(files)) {
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, text);
  }
  python.runPython("import sys; sys.path.insert(0, '/bench')");
  const hearth = python.pyimport("e2e.bench.search_python");
  const { measure, finds } = await import("/twin/engines.js");
  globalThis.held = [];
  globalThis.bench = async (name, docs, queries) => name === "Hearth"
    ? JSON.parse(await hearth.measure(JSON.stringify(docs), JSON.stringify(queries)))
    : measure(name, docs, queries);
  globalThis.finds = finds;
}
"""


def corpus(total: int) -> Corpus:
    """Made messages whose words are as common as in a language (Zipf), 290 characters long, and 24 queries."""
    chance = random.Random(11)
    letters = [a + b for a in "bcdfghjklmnprstvw" for b in "aeiou"]
    words = list(dict.fromkeys("".join(chance.choices(letters, k=chance.randint(1, 5))) for _ in range(60_000)))
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    made = [
        {
            "id": number,
            "title": "",
            "body": " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(5, 80))),
        }
        for number in range(total)
    ]
    queries = [words[rank] for rank in (0, 3, 10, 40, 120, 400, 900, 2_000, 5_000, 9_000, 14_000, len(words) - 1)]
    queries += [f"{words[a]} {words[b]}" for a, b in ((1, 2), (5, 60), (30, 700), (200, 3_000), (8, 9_500), (90, 95))]
    queries += [words[rank][:-1] + "x" for rank in (50, 500, 3_500, 8_000)] + ["zzzzzz", "qqqq wwww"]
    return made, queries


def prepare(page: Page, url: str) -> None:
    """Open a page of the server's origin without the app, and bring every contender into it."""
    files = [each["path"] for each in json.loads((ROOT / "dist/manifest.json").read_text())["files"]]

    def find(stem: str) -> str:
        return next(str(path) for path in files if path.startswith(f"/-/{stem}."))

    names = ["e2e/__init__.py", "e2e/bench/__init__.py", "e2e/bench/search_python.py"]
    texts = {f"/bench/{name}": (ROOT / name).read_text(encoding="utf-8") for name in names}
    page.goto(f"{url}/empty.html")
    page.evaluate(PREPARE, {"interpreter": find("interpreter"), "kernels": [find("records")], "files": texts})


def recalls(page: Page, ours: list[Found]) -> dict[str, tuple[float, list[str]]]:
    """How many of the labelled queries without filters and quotes find all that they should, in %, and the others."""
    data = labelled()
    plain = [each for each in data["queries"] if each["expect"] and not set('":-(*') & set(each["query"])]
    corpus_docs = [{"id": f"{doc.ref} {doc.part}", "title": doc.title, "body": doc.body} for doc in docs()]
    corpus_docs += [{"id": chat, "title": title, "body": ""} for chat, title in data["chats"].items()]
    corpus_docs += [{"id": e["id"], "title": e["name"], "body": f"{e['value']} {e['app']}"} for e in data["memories"]]
    texts = [each["query"] for each in plain]
    found: dict[str, tuple[float, list[str]]] = {}
    for name in OTHERS:
        lists = page.evaluate("([name, docs, queries]) => finds(name, docs, queries)", [name, corpus_docs, texts])
        hits = [{str(each).split(" ")[0] for each in names} for names in lists]
        pairs = zip(plain, hits, strict=True)
        found[name] = _told([each["query"] for each, names in pairs if not set(each["expect"]) <= names], len(plain))
    told = {each.query: each for each in ours}
    found[HEARTH] = _told([text for text in texts if told[text].missed], len(plain))
    return found


def _told(missed: list[str], total: int) -> tuple[float, list[str]]:
    return 100 * (total - len(missed)) / total, missed


def measure(running: Running, url: str, name: str, made: Corpus, memory: bool = True) -> dict[str, Any]:
    """Have one contender index and search in a page of its own."""
    context = running.new_context()
    page = context.new_page()
    prepare(page, url)
    before = renderer_mb(running) if memory else 0.0
    told = dict(page.evaluate("([name, docs, queries]) => bench(name, docs, queries)", [name, *made]))
    told["memory"] = renderer_mb(running) - before if memory else 0.0
    context.close()
    return told


def reloads(running: Running, found: Collector, runs: int) -> None:
    """The app itself: reload with 10,000 messages and their index on the device, and nothing new."""
    with serving("--chats", "100", "--messages", "100") as hearth:
        context = running.new_context()
        page = context.new_page()
        page.goto(hearth.url)
        fill_in(page, hearth)
        mark(page, "search-ready")
        page.evaluate(KEPT_NOW)
        for number in range(runs + 1):
            page.reload()
            ready = mark(page, "python-ready")
            times = [(ANSWERS, mark(page, "search-answers")), (READY, mark(page, "search-ready"))]
            for name, at in times if number else ():
                found.add(name, HEARTH, at - ready)
            quiet(page)
        context.close()


def tenfold(running: Running, url: str, found: Collector) -> None:
    """Each of them once with ten times as many messages."""
    made = corpus(MANY)
    for name in (HEARTH, *OTHERS):
        told = measure(running, url, name, made)
        found.add(MANY_BUILD, name, told["build"])
        found.add(MANY_STROKE, name, statistics.median(told["strokes"]))
        found.add(MANY_SLOW, name, statistics.quantiles(told["strokes"], n=20)[-1])
        found.add(MANY_FIRST, name, statistics.quantiles(told["first"], n=20)[-1])
        found.add(MANY_MEMORY, name, told["memory"], "MB")


def run(runs: int, many: bool = True) -> Outcome:
    """Alternate all of them, each in a page of its own; then the app's own reload, ten times as many, and Firefox."""
    found = Collector()
    bundle("engines", (HERE / "search_page/engines.js").read_text(encoding="utf-8"))
    ours = asyncio.run(outcomes(index()))  # Where no browser's loop runs.
    made = corpus(TOTAL)
    with serving("--chats", "1") as hearth:
        with browsing(Browser.CHROMIUM) as browser:
            for number in range(runs):
                for name in alternating((HEARTH, *OTHERS), number):
                    told = measure(browser, hearth.url, name, made)
                    _add(found, name, told)
                    found.add(LOAD, name, told["load"])
                    found.add(KEPT, name, told["kept"] / 1e6, "MB")
                    found.add(MEMORY, name, told["memory"], "MB")
            page = browser.new_context().new_page()
            prepare(page, hearth.url)
            recalled = recalls(page, ours)
            page.context.close()
            for name, (percent, _) in recalled.items():
                found.add(RECALL, name, percent, "%")
            reloads(browser, found, runs)
            if many:
                tenfold(browser, hearth.url, found)
        with browsing(Browser.FIREFOX) as browser:
            for number in range(min(runs, 2)):
                for name in alternating((HEARTH, *OTHERS), number):
                    _add(found, name, measure(browser, hearth.url, name, made, memory=False), "Firefox: ")
    outcome = Outcome("search", "Search as you type among 10,000 messages (Chromium)", found.series())
    outcome.details = {f"{name} misses": missed for name, (_, missed) in recalled.items()}
    for prefix in ("", "Firefox: "):
        outcome.limit(prefix + BUILD, HEARTH, 1_000)
        outcome.limit(prefix + LONGEST, HEARTH, 16)
        outcome.limit(prefix + STROKE, HEARTH, 30)
        outcome.limit(prefix + SLOW, HEARTH, 60)
    outcome.limit(ANSWERS, HEARTH, 150)
    outcome.limit(READY, HEARTH, 150)
    return outcome


def _add(found: Collector, name: str, told: dict[str, Any], prefix: str = "") -> None:
    found.add(prefix + BUILD, name, told["build"])
    found.add(prefix + LONGEST, name, told["longest"])
    if "rehearsal" in told:
        found.add(prefix + REHEARSAL, name, told["rehearsal"])
        found.add(prefix + REHEARSED, name, told["rehearsal_longest"])
    found.add(prefix + STROKE, name, statistics.median(told["strokes"]))
    found.add(prefix + SLOW, name, statistics.quantiles(told["strokes"], n=20)[-1])
