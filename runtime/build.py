"""Builds `dist/`, the folder that the server serves; `python -m runtime.build`.

Quick when nothing has changed: the digest of all that goes in is compared with the manifest's.
"""

from __future__ import annotations

import fcntl
import json
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth.browser import storage_names
from runtime import paths
from runtime.archive import app_sources, bundled_wheels, make_archive
from runtime.assets import HASH_DIGITS, Assets, digest_all
from runtime.compression import Compressor
from runtime.errors import BuildError, exit_with_sentence
from runtime.interpreter_files import InterpreterFiles, add_interpreter, template
from runtime.on_demand import parents, split
from runtime.page import SOURCES, Linker, assemble, held_back, start_tags, vouched
from runtime.snapshot import Ingredients
from runtime.strength import ENTRY, strength_files
from runtime.vendor import (
    error_chunk,
    lock,
    package_folder,
    package_version,
    pyscript_files,
    trusted_script,
    wheels,
)
from server_mock.protocol.page_manifest import Manifest

TRUSTED_SCRIPT_TOKEN = "__HEARTH_TRUSTED_SCRIPT__"  # noqa: S105 - a placeholder, not a password
NAMES_TOKEN = "__HEARTH_NAMES__"  # noqa: S105 - the same
BUILD_TOKEN = "__HEARTH_BUILD__"  # noqa: S105 - the same
ON_DEMAND_MOUNT = "/lib/hearth_on_demand.zip"
INDEX = "/index.html"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Build:
    """One build: where sources lie and where its product goes. The defaults are the repository's own."""

    root: Path = paths.ROOT
    dist: Path = paths.DIST
    cache: Path = paths.CACHE
    node_modules: Path = paths.NODE_MODULES
    wheels: Path = paths.WHEELS

    def run(self) -> Manifest:
        """Bring `dist` up to date and return its manifest; raise `BuildError` with what to do otherwise."""
        with self._alone():
            key = self.key()
            current = read_manifest(self.dist)
            return current if current and current["build"] == key else self._make(key)

    def key(self) -> str:
        """Return the digest of everything that the product depends on."""
        if not (self.root / "index.html").is_file():
            raise BuildError(f"there is no index.html in {self.root}: run the build in the repository.")
        versions = [package_version(package_folder(self.node_modules, name)) for name in ("pyodide", "@pyscript/core")]
        own = {path.name: path.read_bytes() for path in HERE.glob("*.*") if path.is_file()}
        return digest_all(
            {
                **{f"own/{name}": content for name, content in own.items()},
                **{f"wheel/{name}": content for name, content in wheels(self.wheels).items()},
                **{f"source/{name}": content for name, content in self._sources().items()},
                "versions": json.dumps(versions).encode(),
            }
        )

    def _sources(self) -> dict[str, bytes]:
        folders = [self.root / name for name in SOURCES]
        files = [path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file()]
        files += [self.root / "index.html", self.root / "pyscript.toml"]
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in files
            if "__pycache__" not in path.parts
        }

    def _make(self, key: str) -> Manifest:
        assets = Assets(Compressor(self.cache / "compressed"))
        sources = app_sources(self.root)
        files = self._interpreter(assets, sources)
        pyscript = pyscript_files(self.node_modules)
        names = storage_names.for_scripts()
        tokens = {
            TRUSTED_SCRIPT_TOKEN: trusted_script(pyscript),
            BUILD_TOKEN: key[:HASH_DIGITS],
            NAMES_TOKEN: names,
        }
        linker = Linker(self.root, assets, tokens)
        settings = tomllib.loads((self.root / "pyscript.toml").read_text(encoding="utf-8"))
        settings["interpreter"] = files.interpreter
        tags = start_tags(early=[files.interpreter], preloads=files.preloads, core=files.core + "core.js")
        page = assemble(linker.rewritten(self.root / "index.html").decode(), held_back(tags), settings)
        assets.add_named(INDEX, vouched(page, assets.content).encode())

        started = [files.core + "core.js", files.core + error_chunk(pyscript), files.placeholder, files.interpreter]
        kept = [*linker.addresses(), *started, *files.preloads, self._on_demand(assets, sources)["url"]]
        precache = {"version": key[:HASH_DIGITS], "page": INDEX, "files": kept, "marker": files.interpreter}
        assets.add_named("/sw.js", template("sw.js", {"__HEARTH_PRECACHE__": precache, NAMES_TOKEN: names}))
        return assets.write(self.dist, build=key, app=digest_all(sources))

    def _interpreter(self, assets: Assets, sources: dict[str, bytes]) -> InterpreterFiles:
        """Add Pyodide, the wheels, the archive and the snapshot."""
        pyodide = package_folder(self.node_modules, "pyodide")
        contents, _ = split({**bundled_wheels(self.wheels), **sources})
        return add_interpreter(
            assets,
            Ingredients(pyodide, package_version(pyodide), contents, lock(pyodide, self.wheels)),
            self.node_modules,
            self.wheels,
            self.cache,
            onDemand=self._on_demand(assets, sources),
            passwordScore=assets.add_folder("strength", strength_files(self.node_modules)) + ENTRY,
        )

    def _on_demand(self, assets: Assets, sources: dict[str, bytes]) -> dict[str, Any]:
        """Add what is fetched on demand; return what interpreter.mjs is told of it."""
        _, later = split(sources)
        url = assets.add("on_demand.zip", make_archive(later))
        return {"mount": ON_DEMAND_MOUNT, "url": url, "parents": parents()}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let builds that were started at the same time run one after the other."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with (self.cache / "build.lock").open("w") as lockfile:
            fcntl.flock(lockfile, fcntl.LOCK_EX)
            yield


def read_manifest(dist: Path) -> Manifest | None:
    """Return the manifest of `dist`, or None when nothing usable has been built there."""
    try:
        manifest: Manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return manifest


def build() -> Manifest:
    """Build the repository's own page; what `server_mock` calls at its start."""
    return Build().run()


def main() -> None:
    """Build, and tell what the first visit costs."""
    began = time.perf_counter()
    manifest = build()
    seconds = time.perf_counter() - began
    print(f"Built dist/ ({len(manifest['files'])} files) in {seconds:.1f} s.")


if __name__ == "__main__":
    exit_with_sentence(main)
