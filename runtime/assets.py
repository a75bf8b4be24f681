"""The folder that the server serves: content-addressed files, their compressed forms, and a manifest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import get_ident

from runtime.compression import BEST, Compressor
from server_mock.protocol.page_manifest import SUFFIXES, FileEntry, Manifest

HASH_DIGITS = 16
IMMUTABLE = "/-/"

CONTENT_TYPES = {
    ".bin": "application/octet-stream",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/octet-stream",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_all(parts: Mapping[str, bytes]) -> str:
    """Return one SHA-256 over names and contents, the same for any order of the mapping."""
    total = hashlib.sha256()
    for name in sorted(parts):
        total.update(f"{name}\0{digest(parts[name])}\n".encode())
    return total.hexdigest()


@dataclass(slots=True)
class Assets:
    """Collects what the server will serve, then writes it in one go."""

    compressor: Compressor
    _contents: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def add(self, name: str, content: bytes, *, quality: int = BEST) -> str:
        """Add one immutable file; return its address, `/-/stem.HASH.suffix`."""
        stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
        address = f"{IMMUTABLE}{stem}.{digest(content)[:HASH_DIGITS]}{suffix}"
        self._contents[address] = (content, quality)
        return address

    def add_folder(self, name: str, contents: Mapping[str, bytes]) -> str:
        """Add files that refer to each other by relative URLs; return the folder, `/-/name.HASH/`."""
        folder = f"{IMMUTABLE}{name}.{digest_all(contents)[:HASH_DIGITS]}/"
        for filename, content in contents.items():
            self._contents[folder + filename] = (content, BEST)
        return folder

    def add_named(self, path: str, content: bytes) -> None:
        """Add a file whose address stays while its content changes, such as `/index.html`."""
        self._contents[path] = (content, BEST)

    def content(self, address: str) -> bytes:
        """Return what was added under `address`."""
        return self._contents[address][0]

    def write(self, dist: Path, *, build: str, app: str) -> Manifest:
        """Write all files and their compressed forms into `dist`, the manifest last, then sweep.

        A file whose name is in place already is immutable, so it is not written again.
        """
        largest_first = sorted(self._contents, key=lambda path: -len(self._contents[path][0]))
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # compression lets go of the interpreter's lock
            files = list(pool.map(lambda path: self._write_file(dist, path, *self._contents[path]), largest_first))
        manifest = Manifest(build=build, app=app, files=sorted(files, key=lambda entry: entry["path"]))
        replace(dist / "manifest.json", json.dumps(manifest, indent=1).encode())
        sweep(dist, manifest)
        self.compressor.forget_stale()
        return manifest

    def _write_file(self, dist: Path, path: str, content: bytes, quality: int) -> FileEntry:
        target = dist / path.removeprefix("/")
        encoded = self.compressor.encodings(path, content, quality=quality)
        immutable = path.startswith(IMMUTABLE)
        for encoding, data in {"": content, **encoded}.items():
            form = target.with_name(target.name + SUFFIXES.get(encoding, ""))
            if not (immutable and form.exists() and form.stat().st_size == len(data)):
                replace(form, data)
        return FileEntry(
            path=path,
            sha256=digest(content),
            size=len(content),
            type=CONTENT_TYPES.get(target.suffix, "application/octet-stream"),
            immutable=immutable,
            encodings={encoding: len(data) for encoding, data in encoded.items()},
        )


def replace(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}.part")
    partial.write_bytes(content)
    partial.replace(path)


def sweep(dist: Path, manifest: Manifest) -> None:
    """Delete from `dist` every file that the manifest does not name, and the folders this empties."""
    kept = {dist / "manifest.json"}
    for entry in manifest["files"]:
        target = dist / entry["path"].removeprefix("/")
        kept.add(target)
        kept.update(target.with_name(target.name + SUFFIXES[encoding]) for encoding in entry["encodings"])
    for path in sorted(dist.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in kept:
            path.unlink()
