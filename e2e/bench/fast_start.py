"""The fast start for others: the example `notes` from its snapshot, beside the same example on stock PyScript."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from e2e.bench.samples import Collector, Outcome, alternating
from e2e.bench.start import device
from e2e.page_server import PageServer
from runtime import paths
from runtime.assets import Assets
from runtime.browsers import Browser, find
from runtime.compression import Compressor
from runtime.fast_start import fast_start
from runtime.vendor import lock, package_folder, pyodide_files, pyscript_files, wheels
from runtime.wheel import build_wheel

EXAMPLE = paths.ROOT / "examples/notes"
FAST, STOCK = "fast start", "stock PyScript"
READY = """
new MutationObserver((_changes, observer) => {
  if (!document.getElementById("count")?.textContent.startsWith("Notes on this device")) return;
  observer.disconnect();
  performance.mark("ready");
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
TIME = "() => performance.getEntriesByName('ready')[0]?.startTime"


def build_stock(dist: Path) -> None:
    """The example as it is, on stock PyScript and micropip, files compressed and cached as the fast start's are."""
    assets = Assets(Compressor(paths.CACHE / "compressed"))
    core = assets.add_folder("pyscript", pyscript_files(paths.NODE_MODULES))
    locked = json.dumps(lock(package_folder(paths.NODE_MODULES, "pyodide"), paths.WHEELS)).encode()
    contents = {**pyodide_files(paths.NODE_MODULES), "pyodide-lock.json": locked}
    pyodide = assets.add_folder("pyodide", {**contents, **wheels(paths.WHEELS)})  # micropip lies beside Pyodide
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        packages = assets.add_folder("wheels", {wheel.name: wheel.read_bytes()})
    page = (EXAMPLE / "index.html").read_text(encoding="utf-8").replace("/pyscript/core.js", f"{core}core.js")
    settings = (EXAMPLE / "pyscript.toml").read_text(encoding="utf-8")
    settings = settings.replace("/pyodide/", pyodide).replace("/wheels/", packages)
    assets.add_named("/index.html", page.encode())
    assets.add_named("/pyscript.toml", settings.encode())
    assets.add_named("/main.py", (EXAMPLE / "main.py").read_bytes())
    assets.add_named("/style.css", (EXAMPLE.parent / "style.css").read_bytes())
    assets.write(dist, build="stock", app="stock")


def ready_ms(page: Page, url: str) -> float:
    """Milliseconds from the navigation until the notes are shown."""
    page.goto(url)
    return float(page.wait_for_function(TIME, timeout=120_000).json_value())


def visit(url: str, contender: str, found: Collector) -> None:
    """Two visits of one device, and those that find everything in its caches."""
    with tempfile.TemporaryDirectory() as folder, device(Browser.CHROMIUM, folder) as page:
        page.context.add_init_script(READY)
        found.add("Chromium, first visit", contender, ready_ms(page, url))
        for number in range(3):
            page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 300))")  # caches are written
            page.goto("about:blank")
            ready = ready_ms(page, url)
            if number:  # the second visit also teaches the browser's caches of compiled code
                found.add("Chromium, later visit", contender, ready)


def run(runs: int) -> Outcome:
    """Alternate the two in Chromium."""
    found = Collector()
    if find(Browser.CHROMIUM) is None:
        raise SystemExit("There is no Chromium here: run 'make setup'.")
    with tempfile.TemporaryDirectory() as folder:
        fast, stock = Path(folder) / "fast", Path(folder) / "stock"
        fast_start(EXAMPLE, fast)
        build_stock(stock)
        servers = {FAST: PageServer(fast, policy=False).start(), STOCK: PageServer(stock, policy=False).start()}
        for number in range(runs):
            for contender in alternating(servers, number):
                visit(servers[contender].url, contender, found)
        for server in servers.values():
            server.stop()
    outcome = Outcome("fast_start", "Navigation to the notes on screen", found.series(), ours=FAST)
    for kind in ("first", "later"):
        measure = f"Chromium, {kind} visit"
        text = f"{measure}, times sooner than stock PyScript"
        outcome.hold(measure, STOCK, FAST, 1.0, at_most=False, text=text)
    return outcome
