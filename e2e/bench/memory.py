"""What a page costs in memory, read from its renderer process and from the engine inside it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page

MB = 1024 * 1024


def renderer_mb(browser: Browser, peak: bool = False) -> float:
    """The resident memory of the biggest renderer process (at its peak, if asked), in MB; Linux and Chromium only."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    name = "VmHWM" if peak else "VmRSS"
    sizes = [0.0]
    for each in processes:
        if each["type"] == "renderer":
            status = Path(f"/proc/{each['id']}/status").read_text(encoding="ascii")
            found = re.search(rf"{name}:\s+(\d+) kB", status)
            sizes.append(int(found[1]) / 1024 if found else 0.0)
    return max(sizes)


def script_heap_mb(page: Page) -> float:
    """JavaScript's heap after a collection, in MB; WebAssembly's memory is not in it."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used) / MB
