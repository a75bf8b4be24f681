"""Records what today's build leaves on a device: `python -m e2e.devices.record`, after a build.

A name or a schema that changes gets no new recording: the one from before the change is what has to be taken over.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from e2e.devices import kept
from hearth_testing import journey
from hearth_testing.server import Hearth
from runtime.browsers import Browser as Kind
from runtime.browsers import find


def record(browser: Browser, way: str, hearth: Hearth) -> None:
    """Sign in, wait until all is kept, and write down what lies there."""
    page = browser.new_context(service_workers="block").new_page()
    journey.sign_in(page, hearth, stay=way == "stay", until="checked")
    journey.wait_for_mark(page, "search-ready")
    page.reload()  # the search index is kept after the warming, the view once the page is idle
    journey.wait_for_mark(page, "search-ready")
    wait_for_all(page)
    if way == "locked":
        hearth.change(end_sessions="expired")
        expect(page.get_by_role("alert")).to_contain_text("Sign in again")
    left = kept.read(page)
    kept.file_of(way).write_bytes(gzip.compress(json.dumps(left).encode(), mtime=0))
    page.context.close()


def wait_for_all(page: Page) -> None:
    """Wait until the search index and the view are kept."""
    names: set[str] = set()
    for _ in range(200):
        stores = journey.stored(page)["databases"]
        names = {row["name"] for name, rows in stores.items() if name.endswith(("/search", "/kept")) for row in rows}
        if "view" in names and any(map(str.isdecimal, names)):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"there is only {names}")


def main() -> None:
    """Record every device, and the data that they stand at."""
    found = find(Kind("chromium"))
    assert found
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder) / kept.DATA.stem
        hearth = Hearth((*kept.OPTIONS, "--data", str(data))).start()
        browser = playwright.chromium.launch(**found.launch_options())
        for way in kept.WAYS:
            record(browser, way, hearth)
        browser.close()
        hearth.stop()
        kept.DATA.write_bytes(gzip.compress(data.read_bytes(), mtime=0))
        kept.SECRET.write_bytes(data.with_name(kept.SECRET.name).read_bytes())


if __name__ == "__main__":
    main()
