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
    """Make a Chromium and a Firefox available to the tests, or say which one is missing."""
    if all(find(browser) for browser in Browser):
        return
    print("Installing browsers for the tests", flush=True)
    playwright = [sys.executable, "-m", "playwright", "install", "chromium", "firefox"]
    if subprocess.run(playwright, capture_output=True, check=False).returncode == 0:
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "-y", "chromium", "firefox-esr"]):
            subprocess.run(["apt-get", *arguments], env=environment, capture_output=True, check=False)
    find.cache_clear()
    for browser in Browser:
        if not find(browser):
            print(f"No {browser} was found: its tests are skipped here, and fail where CI is set.")


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
