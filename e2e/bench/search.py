"""Search: an index of 10,000 messages, Hearth's beside MiniSearch and FlexSearch, and what each finds."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
from itertools import accumulate
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from e2e.bench.browsers import browsing, serving
from e2e.bench.bundles import bundle
from e2e.bench.samples import Collector, Outcome, alternating
from e2e.server import ROOT
from runtime.browsers import Browser
from tests.search.labelled import docs, index, labelled, outcomes

HERE = Path(__file__).parent
TOTAL, MANY = 10_000, 100_000
HEARTH = "Hearth"
OTHERS = ("MiniSearch", "FlexSearch")
BUILD, STROKE, SLOW = "index 10,000 messages", "a keystroke, median", "a keystroke, 95th percentile"
LOAD, KEPT, LONGEST = "take over the kept index", "the kept index", "longest piece of indexing"
RECALL, STROKE_MANY = "plain queries that find all they should", "a keystroke among 100,000 messages, median"

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
  globalThis.bench = async (name, docs, queries) => name === "Hearth"
    ? JSON.parse(await hearth.measure(JSON.stringify(docs), JSON.stringify(queries)))
    : measure(name, docs, queries);
  globalThis.finds = finds;
}
"""


def corpus(total: int) -> tuple[list[dict[str, Any]], list[str]]:
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


def recalls(page: Page) -> dict[str, float]:
    """How many of the labelled queries without filters, phrases and exclusions find all that they should, in %."""
    data = labelled()
    plain = [each for each in data["queries"] if each["expect"] and not set('":-(*') & set(each["query"])]
    corpus_docs = [{"id": f"{doc.ref} {doc.part}", "title": doc.title, "body": doc.body} for doc in docs()]
    corpus_docs += [{"id": chat, "title": title, "body": ""} for chat, title in data["chats"].items()]
    corpus_docs += [{"id": e["id"], "title": e["name"], "body": f"{e['value']} {e['app']}"} for e in data["memories"]]
    texts = [each["query"] for each in plain]
    found = {}
    for name in OTHERS:
        lists = page.evaluate("([name, docs, queries]) => finds(name, docs, queries)", [name, corpus_docs, texts])
        hits = [{str(each).split(" ")[0] for each in names} for names in lists]
        right = sum(set(each["expect"]) <= names for each, names in zip(plain, hits, strict=True))
        found[name] = 100 * right / len(plain)
    told = {each.query: each for each in asyncio.run(outcomes(index()))}
    found[HEARTH] = 100 * sum(not told[text].missed for text in texts) / len(plain)
    return found


def run(runs: int) -> Outcome:
    """Alternate all of them, each in a page of its own."""
    found = Collector()
    bundle("engines", (HERE / "search_page/engines.js").read_text(encoding="utf-8"))
    made, queries = corpus(TOTAL)
    with serving("--chats", "1") as hearth, browsing(Browser.CHROMIUM) as browser:
        for number in range(runs):
            for name in alternating((HEARTH, *OTHERS), number):
                context = browser.new_context()
                page = context.new_page()
                prepare(page, hearth.url)
                told = page.evaluate("([name, docs, queries]) => bench(name, docs, queries)", [name, made, queries])
                found.add(BUILD, name, told["build"])
                found.add(STROKE, name, statistics.median(told["strokes"]))
                found.add(SLOW, name, statistics.quantiles(told["strokes"], n=20)[-1])
                found.add(LOAD, name, told["load"])
                found.add(LONGEST, name, told["longest"])
                found.add(KEPT, name, told["kept"] / 1e6, "MB")
                context.close()
        page = browser.new_context().new_page()
        prepare(page, hearth.url)
        for name, percent in recalls(page).items():
            found.add(RECALL, name, percent, "%")
        many, _ = corpus(MANY)
        told = page.evaluate("([name, docs, queries]) => bench(name, docs, queries)", [HEARTH, many, queries])
        found.add(STROKE_MANY, HEARTH, statistics.median(told["strokes"]))
    outcome = Outcome("search", "Search as you type among 10,000 messages (Chromium)", found.series())
    outcome.limit(BUILD, HEARTH, 1_000)
    outcome.limit(LONGEST, HEARTH, 16)
    outcome.limit(STROKE, HEARTH, 30)
    outcome.limit(SLOW, HEARTH, 60)
    return outcome
