"""Start-up: from the navigation to the first line of Python, Hearth beside the same app on stock PyScript."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from e2e.bench.browsers import mark
from e2e.bench.samples import Collector, Outcome, alternating
from e2e.page_server import PageServer
from runtime import paths
from runtime.archive import app_sources, bundled_wheels, make_archive
from runtime.assets import Assets
from runtime.browsers import Browser, find
from runtime.build import INDEX, TRUSTED_SCRIPT_TOKEN
from runtime.compression import Compressor
from runtime.page import Linker, assemble, script
from runtime.vendor import package_folder, pyodide_files, pyscript_files, trusted_script

GOALS = {Browser.CHROMIUM: 5.0, Browser.FIREFOX: 2.5}
SETTLED = """
async () => {
  if (document.querySelector('script[type="module"][async]')) await navigator.serviceWorker.ready;
  await new Promise((resolve) => setTimeout(resolve, 300));
}
"""


def build_stock(dist: Path) -> None:
    """The same page, styles, helpers and Python, started the ordinary way: PyScript, Pyodide, an archive.

    The archive holds the wheels too, so that stock PyScript is spared micropip; files are compressed and cached
    just as Hearth's own.
    """
    assets = Assets(Compressor(paths.CACHE / "compressed"))
    pyscript = pyscript_files(paths.NODE_MODULES)
    lock = (package_folder(paths.NODE_MODULES, "pyodide") / "pyodide-lock.json").read_bytes()
    core = assets.add_folder("pyscript", pyscript)
    pyodide = assets.add_folder("pyodide", {**pyodide_files(paths.NODE_MODULES), "pyodide-lock.json": lock})
    archive = assets.add("hearth.zip", make_archive({**bundled_wheels(paths.WHEELS), **app_sources(paths.ROOT)}))
    linker = Linker(paths.ROOT, assets, {TRUSTED_SCRIPT_TOKEN: trusted_script(pyscript)})
    settings = tomllib.loads((paths.ROOT / "pyscript.toml").read_text(encoding="utf-8"))
    settings |= {"interpreter": pyodide + "pyodide.mjs", "files": {archive: "./*"}}
    text = linker.rewritten(paths.ROOT / "index.html").decode()
    page = assemble(text, script(core + "core.js"), settings)
    assets.add_named(INDEX, page.encode())
    assets.write(dist, build="stock", app="stock")


@contextmanager
def device(name: Browser, folder: str) -> Iterator[Page]:
    """A browser with a profile of its own on the disk, as a person has one."""
    found = find(name)
    assert found
    with sync_playwright() as playwright:
        launch = getattr(playwright, name.value).launch_persistent_context
        context = launch(folder, **found.launch_options())
        yield context.new_page()
        context.close()


def visit(name: Browser, url: str, contender: str, found: Collector) -> None:
    """Two visits of one device: the first with nothing there, the next ones with everything that the first left."""
    with tempfile.TemporaryDirectory() as folder, device(name, folder) as page:
        page.goto(url)
        found.add(f"{name.value.title()}, first visit", contender, mark(page, "python-ready"))
        for number in range(3):
            page.evaluate(SETTLED)
            page.goto("about:blank")
            page.goto(url)
            ready = mark(page, "python-ready")
            if number:  # the second visit also teaches the browser's caches of compiled code
                found.add(f"{name.value.title()}, later visit", contender, ready)


def run(runs: int) -> Outcome:
    """Alternate the two in each browser that this machine has."""
    found = Collector()
    with tempfile.TemporaryDirectory() as folder:
        build_stock(Path(folder) / "dist")
        servers = {
            "Hearth": PageServer(paths.DIST).start(),
            "stock PyScript": PageServer(Path(folder) / "dist").start(),
        }
        browsers = [name for name in GOALS if find(name)]
        for name in browsers:
            visit(name, servers["Hearth"].url, "Hearth", Collector())
            for number in range(runs):
                for contender in alternating(servers, number):
                    visit(name, servers[contender].url, contender, found)
        for server in servers.values():
            server.stop()
    outcome = Outcome("start", "Navigation to the first line of Python", found.series())
    for name in browsers:
        for kind in ("first", "later"):
            measure = f"{name.value.title()}, {kind} visit"
            bound = GOALS[name] if kind == "later" else 1.0
            text = f"{measure}, times sooner than stock PyScript"
            outcome.hold(measure, "stock PyScript", "Hearth", bound, at_most=False, text=text)
    return outcome
