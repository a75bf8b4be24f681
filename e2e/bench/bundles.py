"""What the benchmarks take from npm: installed on first use, and bundled so that a page can import it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from runtime.node import node_command, npm_command

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
BUNDLES = HERE.parent.parent / ".cache" / "bench"


def bundle(name: str, source: str) -> Path:
    """Bundle an ES module (a path, or text that imports packages) into one file, and return where it is."""
    install()
    target = BUNDLES / f"{name}.js"
    command = [*node_command(), str(MODULES / "esbuild/bin/esbuild"), "--bundle", "--format=esm", "--minify"]
    command += ["--platform=browser", "--log-level=error", f"--outfile={target}", "--define:global=globalThis"]
    subprocess.run(command, input=source, text=True, cwd=HERE, check=True)
    return target


def install() -> None:
    """Install the packages of the lock file unless they are there; no package's script runs."""
    stamp = MODULES / ".stamp"
    lock = HERE / "package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=HERE, check=True)
    stamp.touch()
