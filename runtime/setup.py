"""The set-up steps behind the Makefile: Node.js, the npm packages, the page's wheels, the tests' browsers.

`python -m runtime.setup STEP`, where STEP is one of `node`, `npm`, `wheels`, `browsers`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from runtime.browsers import Browser, find
from runtime.errors import BuildError, exit_with_sentence
from runtime.node import npm_command, system_node, wheel_folder
from runtime.paths import ROOT, WHEELS
from runtime.webkit import PACKAGES as WEBKIT_PACKAGES
from runtime.webkit import find_webkit

PAGE_PYTHON = "3.14"  # the Python inside Pyodide 314


def run(command: list[str], otherwise: str) -> None:
    """Run `command` in the repository's root; when it fails, show its output and raise `otherwise`."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stderr.buffer.write(done.stdout[-4000:])
        raise BuildError(otherwise)


def pip(*arguments: str) -> list[str]:
    """Return the command line of this environment's pip with hashes and wheels demanded."""
    strict = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    return [sys.executable, "-m", "pip", arguments[0], *strict, *arguments[1:]]


def install_node() -> None:
    """Install Node.js from a wheel, unless the machine's own is new enough."""
    if system_node() or wheel_folder():
        return
    print("Installing Node.js into the virtual environment", flush=True)
    run(pip("install", "-r", "requirements-node.txt"), "Node.js could not be installed: check pip's index.")


def install_npm_packages() -> None:
    """Install PyScript, Pyodide and axe-core as package-lock.json names them; no script of theirs runs."""
    print("Installing PyScript and Pyodide", flush=True)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run([*npm_command(), "ci", *quiet], "the npm packages could not be installed: check npm's registry.")


def download_wheels() -> None:
    """Download the wheels that the page itself runs, for the page's Python rather than this one."""
    print("Downloading the page's own Python packages", flush=True)
    shutil.rmtree(WHEELS, ignore_errors=True)
    WHEELS.mkdir(parents=True)
    target = ["--no-deps", "--python-version", PAGE_PYTHON, "--dest", str(WHEELS)]
    command = pip("download", *target, "-r", "requirements-page.txt")
    run(command, "the page's wheels could not be downloaded: check pip's index.")


def install_browsers() -> None:
    """Make a Chromium, a Firefox and a WebKit available to the tests, or say which one is missing."""
    if not all(find(browser) for browser in Browser):
        print("Installing browsers for the tests", flush=True)
        playwright = [sys.executable, "-m", "playwright", "install", "chromium", "firefox"]
        if subprocess.run(playwright, capture_output=True, check=False).returncode:
            install_debian_packages("chromium", "firefox-esr")
    webkit = find_webkit()
    if webkit is None or webkit.python is None:
        print("Installing WebKit for the tests", flush=True)
        install_debian_packages("--no-install-recommends", *WEBKIT_PACKAGES)
    find.cache_clear()
    find_webkit.cache_clear()
    webkit = find_webkit()
    found = {browser.value: find(browser) for browser in Browser} | {
        "webkit": webkit,
        "webkit for ordinary windows": webkit and webkit.python,
    }
    for name in (name for name, what in found.items() if not what):
        print(f"No {name} was found: its tests are skipped here, and fail where CI is set.")


def install_debian_packages(*arguments: str) -> None:
    """Install packages where there is apt and we may use it; the caller looks whether they are there."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", *arguments]):
        subprocess.run(["apt-get", *command], env=environment, capture_output=True, check=False)


STEPS: dict[str, Callable[[], None]] = {
    "node": install_node,
    "npm": install_npm_packages,
    "wheels": download_wheels,
    "browsers": install_browsers,
}


def main() -> None:
    """Run the step named on the command line."""
    step = STEPS.get(sys.argv[1]) if len(sys.argv) == 2 else None
    if step is None:
        raise BuildError(f"say which step to run, one of {', '.join(STEPS)}.")
    step()


if __name__ == "__main__":
    exit_with_sentence(main)
