"""Which WebKit the tests drive: WebKitGTK's MiniBrowser through its WebDriver, on a virtual screen.

Debian's packages bring them (`PACKAGES`). `E2E_WEBKIT` names another MiniBrowser.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGES = ("webkit2gtk-driver", "xvfb", "python3-gi", "gir1.2-webkit2-4.1")

MINI_BROWSERS = (
    "lib/*/webkit2gtk-4.1/MiniBrowser",
    "libexec/webkit2gtk-4.1/MiniBrowser",
    "lib/webkit2gtk-4.1/MiniBrowser",
)
SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's bindings to GTK belong to Debian's own Python
BINDINGS = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')"


@dataclass(frozen=True, slots=True)
class WebKit:
    """The programs that driving WebKit takes; `python` has the bindings to open an ordinary window, if any does."""

    driver: str
    mini_browser: str
    screen: str
    python: str | None


def _mini_browser(root: Path) -> str | None:
    if chosen := os.environ.get("E2E_WEBKIT"):
        return chosen
    return next((str(path) for pattern in MINI_BROWSERS for path in sorted(root.glob(pattern))), None)


def _python_with_bindings() -> str | None:
    if not Path(SYSTEM_PYTHON).is_file():
        return None
    done = subprocess.run([SYSTEM_PYTHON, "-c", BINDINGS], capture_output=True, check=False)
    return None if done.returncode else SYSTEM_PYTHON


@cache
def find_webkit(root: Path = Path("/usr")) -> WebKit | None:
    """Return the WebKit to drive, or None when a part of it is missing on this machine."""
    driver, screen, browser = shutil.which("WebKitWebDriver"), shutil.which("Xvfb"), _mini_browser(root)
    if driver is None or screen is None or browser is None:
        return None
    return WebKit(driver, browser, screen, _python_with_bindings())
