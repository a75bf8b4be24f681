"""The service worker: what a second visit costs, a visit without a server, and a new version."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from e2e.page_server import PageServer, copy_of
from hearth_testing.journey import wait_for_mark, wait_for_worker
from runtime.paths import DIST
from server_mock.protocol.page_manifest import Manifest


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    server = PageServer(copy_of(DIST, tmp_path / "dist")).start()
    yield server
    server.stop()


def visit(page: Page, server: PageServer) -> None:
    page.goto(server.url)
    wait_for_mark(page, "python-ready")


def wait_for_other_version(page: Page, before: str) -> str:
    """Wait until the cache named `before` is gone and another is there; the other's name."""
    script = """
    async (before) => {
      for (;;) {
        const names = await caches.keys();
        if (names.length === 1 && names[0] !== before) return names[0];
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    """
    return str(page.evaluate(script, before))


def kept(page: Page) -> dict[str, list[str]]:
    script = """
    async () => {
      const found = {};
      for (const name of await caches.keys()) {
        found[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
      }
      return found;
    }
    """
    return dict(page.evaluate(script))


def new_version(dist: Path) -> None:
    """Change a style sheet and, with it, its address, the page and the worker: as a build would."""
    manifest: Manifest = json.loads((dist / "manifest.json").read_text())
    old = next(entry["path"] for entry in manifest["files"] if "/base." in entry["path"])
    new, version = "/-/base.0000000000000000.css", "ffffffffffffffff"
    (dist / new[1:]).write_bytes((dist / old[1:]).read_bytes() + b"\n:root { --version: 2 }\n")
    sheets = {path: (dist / path[1:]).read_bytes() for path in (old, new)}
    before, after = (base64.b64encode(hashlib.sha256(each).digest()).decode() for each in sheets.values())
    for name in ("index.html", "sw.js"):
        changed = (dist / name).read_text().replace(old, new).replace(before, after)
        changed = changed.replace(manifest["build"][:16], version)
        (dist / name).write_text(changed)
    for entry in manifest["files"]:
        entry["path"] = entry["path"].replace(old, new)
        if entry["path"] in {new, "/index.html", "/sw.js"}:
            content = (dist / entry["path"][1:]).read_bytes()
            entry["size"], entry["encodings"] = len(content), {}
            entry["sha256"] = hashlib.sha256(content).hexdigest()
    (dist / "manifest.json").write_text(json.dumps(manifest))


def test_installing_asks_the_network_for_no_file_twice(page: Page, server: PageServer) -> None:
    visit(page, server)
    wait_for_worker(page)
    files = [path for path in server.paths if path.startswith("/-/")]
    assert len(files) == len(set(files))


def test_a_second_visit_fetches_the_page_and_nothing_else_of_it(page: Page, server: PageServer) -> None:
    visit(page, server)
    wait_for_worker(page)
    server.paths.clear()
    visit(page, server)
    assert [path for path in server.paths if path.startswith("/-/")] == []
    assert "/" in server.paths


def test_without_a_server_the_page_starts_from_what_is_kept(page: Page, server: PageServer) -> None:
    visit(page, server)
    wait_for_worker(page)
    server.stop()
    visit(page, server)
    assert page.get_by_role("button", name="Sign in").is_enabled()


def test_only_the_builds_own_files_are_kept(page: Page, server: PageServer) -> None:
    visit(page, server)
    wait_for_worker(page)
    (files,) = kept(page).values()
    assert "/index.html" in files
    assert [path for path in files if not path.startswith("/-/")] == ["/index.html"]


def test_a_new_version_takes_over_at_once_and_the_old_one_is_gone(page: Page, server: PageServer) -> None:
    visit(page, server)
    wait_for_worker(page)
    (before,) = kept(page)
    new_version(server.dist)
    server.load()
    server.paths.clear()
    visit(page, server)
    script = "() => getComputedStyle(document.documentElement).getPropertyValue('--version')"
    assert page.evaluate(script).strip() == "2"
    after = wait_for_other_version(page, before)
    assert set(server.paths) & set(kept(page)[after]) == {"/-/base.0000000000000000.css", "/index.html"}
    server.stop()
    visit(page, server)
    assert page.evaluate(script).strip() == "2"
