"""The start-up snapshot: Python's memory with the app already imported, made once per set of sources."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.archive import make_archive, module_names
from runtime.assets import digest, digest_all, replace
from runtime.errors import BuildError
from runtime.node import node_command

ENTRY_MODULE = "app.main"
LIGHTENED = ("app", "hearth", "markdown_it", "mdurl")
"""Packages of which the snapshot holds only what runs: Hearth's own, and those that it bundles."""
MOUNT = "/lib/hearth.zip"  # where the app's archive lies in the page's file system
INITIAL_HEAP = 30 * 2**20
"""Bytes of memory that Pyodide's WebAssembly begins with: it does not start from the image of a larger one."""
HEADER = 4096  # bytes, more than what the image has before the memory
KEPT = 3  # snapshots that stay in the cache: switching between branches is quick then
SCRIPTS = ("snapshot.mjs", "snapshot_prelude.py")
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Ingredients:
    """All that a snapshot depends on; `contents` maps import paths to Python sources."""

    pyodide: Path
    pyodide_version: str
    contents: dict[str, bytes]
    lock: dict[str, Any]
    imports: tuple[Sequence[str], Sequence[str]] | None = None
    """The modules that must import and those that may, of an app that is not Hearth's page."""

    def key(self) -> str:
        """Return a digest that changes whenever the snapshot has to be made anew."""
        scripts = {name: (HERE / name).read_bytes() for name in SCRIPTS}
        versions = json.dumps([self.pyodide_version, MOUNT, self.lock, self.imports], sort_keys=True).encode()
        return digest_all({**self.contents, **scripts, "versions": versions})

    def modules(self) -> tuple[list[str], list[str]]:
        """Return the modules that must import, and those of the app that may.

        Without an entry module (an app that is only begun) every module is of the second kind.
        """
        if self.imports is not None:
            return list(self.imports[0]), list(self.imports[1])
        own = module_names([path for path in self.contents if path.startswith(("app/", "hearth/"))])
        required = ["markdown_it", *([ENTRY_MODULE] if ENTRY_MODULE in own else [])]
        return required, [name for name in own if name not in required]


def snapshot(ingredients: Ingredients, cache: Path) -> bytes:
    """Return the snapshot for `ingredients`, from the cache when it has been made before.

    Raises `BuildError` when the app does not import or Node.js fails.
    """
    key = ingredients.key()
    path = cache / f"{key}.bin"
    if path.exists():
        path.touch()
    else:
        replace(path, check_size(make_snapshot(ingredients, key)))
        for old in sorted(cache.glob("*.bin"), key=lambda entry: entry.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    return path.read_bytes()


def check_size(image: bytes) -> bytes:
    """Return the image of a started interpreter; raise `BuildError` when no page could start from it."""
    over = len(image) - HEADER - INITIAL_HEAP
    if over > 0:
        raise BuildError(
            f"the start-up snapshot is {over} bytes too large: put what is seldom used into runtime/on_demand.py, "
            "or in an app of your own import it where it is used, not at the top."
        )
    return image


def make_snapshot(ingredients: Ingredients, key: str) -> bytes:
    """Run `snapshot.mjs` under Node.js and return what it wrote."""
    required, optional = ingredients.modules()
    with tempfile.TemporaryDirectory(prefix="hearth-snapshot-") as folder:
        archive, output, plan = (Path(folder) / name for name in ("hearth.zip", "snapshot.bin", "plan.json"))
        archive.write_bytes(make_archive(ingredients.contents))
        wishes = {
            "pyodide": str(ingredients.pyodide),
            "archive": str(archive),
            "output": str(output),
            "mount": MOUNT,
            "prelude": str(HERE / "snapshot_prelude.py"),
            "required": required,
            "optional": optional,
            "lighten": LIGHTENED,
            "lock": json.dumps(ingredients.lock),
            # A seed inside a snapshot is public, for all who load the page share it; so it may as well be fixed.
            "hashSeed": str(int(digest(key.encode())[:8], 16) | 1),
        }
        plan.write_text(json.dumps(wishes), encoding="utf-8")
        command = [*node_command(), str(HERE / "snapshot.mjs"), str(plan)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={"TZ": "UTC", "PATH": ""})
        if done.returncode or not output.exists():
            raise BuildError(
                "the app could not be imported for the start-up snapshot; what Python said:\n"
                + (done.stderr or done.stdout).strip()[-4000:]
            )
        return output.read_bytes()
