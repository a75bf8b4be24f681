"""Checks the types of the JavaScript, which its comments state: `python -m runtime.javascript`.

What runs in a page, in a service worker and in Node.js knows different globals, so each has a project of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from runtime.errors import BuildError, exit_with_sentence
from runtime.node import node_command
from runtime.paths import NODE_MODULES, ROOT
from runtime.vendor import package_folder

PROJECTS = ("tsconfig.json", "runtime/tsconfig.worker.json", "runtime/tsconfig.node.json")


def check(projects: Iterable[Path]) -> None:
    """Run the TypeScript compiler on each project. Raises `BuildError` when it finds something."""
    compiler = package_folder(NODE_MODULES, "typescript") / "bin" / "tsc"
    for project in projects:
        done = subprocess.run([*node_command(), str(compiler), "-p", str(project)], cwd=project.parent, check=False)
        if done.returncode:
            raise BuildError(f"the JavaScript of {project.name} is not as its types say; see above.")


def main() -> None:
    """Check every project."""
    check(ROOT / project for project in PROJECTS)
    sys.stdout.write("JavaScript: types are right\n")


if __name__ == "__main__":
    exit_with_sentence(main)
