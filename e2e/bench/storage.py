"""Storage: 10,000 sealed messages into IndexedDB and back, Hearth's layer beside libraries from npm."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page

from e2e.bench.browsers import browsing, serving
from e2e.bench.bundles import bundle
from e2e.bench.samples import Collector, Outcome, alternating
from runtime.browsers import Browser
from runtime.paths import ROOT

HERE = Path(__file__).parent
TOTAL = 10_000
HEARTH = "Hearth"
OTHERS = ("idb", "Dexie", "RxDB", "PouchDB")
PARTS = {"write": "write 10,000 messages", "all": "read all of them", "page": "read a chat's last 40"}

PREPARE = """
async ({ interpreter, kernels, files, total }) => {
  for (const url of kernels) await import(url);
  const { loadPyodide } = await import(interpreter);
  const python = await loadPyodide({});
  for (const [path, text] of Object.entries(files)) {
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, text);
  }
  python.runPython("import sys; sys.path.insert(0, '/bench')");
  const layer = python.pyimport("e2e.bench.storage_python");
  const { contenders } = await import("/twin/contenders.js");
  const { makeBatches, measure } = await import("/twin/measure.js");
  const ways = { Hearth: (name) => layer.open_contender(name), ...contenders };
  const batches = makeBatches(total);
  globalThis.bench = (name) => measure(ways[name], batches);
}
"""


def prepare(page: Page, url: str, total: int) -> None:
    """Open a page of the server's origin without the app, and bring every contender into it."""
    files = [each["path"] for each in json.loads((ROOT / "dist/manifest.json").read_text())["files"]]

    def find(stem: str) -> str:
        return next(str(path) for path in files if path.startswith(f"/-/{stem}."))

    names = ["e2e/__init__.py", "e2e/bench/__init__.py", "e2e/bench/storage_python.py"]
    texts = {f"/bench/{name}": (ROOT / name).read_text(encoding="utf-8") for name in names}
    page.goto(f"{url}/empty.html")
    kernels = [find("records"), find("idb_kernel")]
    page.evaluate(PREPARE, {"interpreter": find("interpreter"), "kernels": kernels, "files": texts, "total": total})


def run(runs: int) -> Outcome:
    """Alternate all of them in one page; each writes into a database of its own."""
    found = Collector()
    bundle("contenders", (HERE / "storage_page/contenders.js").read_text(encoding="utf-8"))
    bundle("measure", (HERE / "storage_page/measure.js").read_text(encoding="utf-8"))
    contenders = (HEARTH, *OTHERS)
    with serving("--chats", "1") as hearth, browsing(Browser.CHROMIUM) as browser:
        for number in range(-1, runs):  # the first round warms up
            context = browser.new_context()
            page = context.new_page()
            prepare(page, hearth.url, TOTAL)
            for name in alternating(contenders, max(number, 0)):
                times = page.evaluate("(name) => bench(name)", name)
                for part, measure in PARTS.items():
                    if number >= 0:
                        found.add(measure, name, times[part])
            context.close()
    outcome = Outcome("storage", "10,000 sealed messages into IndexedDB and back (Chromium)", found.series())
    for measure in PARTS.values():
        best = min(OTHERS, key=lambda name: outcome.get(measure, name).median)
        outcome.hold(measure, HEARTH, best, 1.0, text=f"{measure}, against the best of the others")
    return outcome
