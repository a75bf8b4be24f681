"""Brotli and gzip, done once per content: results are kept in `.cache/` under the content's hash."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import get_ident

import brotli

# Of the 31 MB snapshot, the largest part of a first visit, quality 9 makes 5.6 MB in 3 s, quality 10 5.1 MB in 20 s or
# so, and quality 11 4.9 MB in 35 s. What is pinned is compressed once and gets the best.
BEST = 11
QUICK = 10
WINDOW = 24  # 16 MB, the largest that every browser decodes
STALE_SECONDS = 14 * 24 * 3600

COMPRESSIBLE = frozenset({".css", ".html", ".js", ".json", ".mjs", ".svg", ".wasm", ".bin", ".webmanifest"})


class Compressor:
    """Compresses bytes, remembering every result in the folder it is given."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._cache.mkdir(parents=True, exist_ok=True)

    def encodings(self, name: str, content: bytes, *, quality: int) -> dict[str, bytes]:
        """Return `{"br": …, "gzip": …}` for a compressible name, leaving out what would not be smaller."""
        if Path(name).suffix not in COMPRESSIBLE:
            return {}
        digest = hashlib.sha256(content).hexdigest()
        made = {
            "br": self._remembered(
                f"{digest}.{quality}.br",
                lambda: brotli.compress(content, quality=quality, lgwin=WINDOW),
            ),
            "gzip": self._remembered(f"{digest}.gz", lambda: gzip.compress(content, 9, mtime=0)),
        }
        return {encoding: data for encoding, data in made.items() if len(data) < len(content)}

    def forget_stale(self) -> None:
        """Delete results that no build has asked for in two weeks."""
        oldest = time.time() - STALE_SECONDS
        for entry in self._cache.iterdir():
            if entry.stat().st_mtime < oldest:
                entry.unlink(missing_ok=True)

    def _remembered(self, key: str, make: Callable[[], bytes]) -> bytes:
        path = self._cache / key
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = make()
            partial = path.with_suffix(f".{os.getpid()}.{get_ident()}.part")
            partial.write_bytes(data)
            partial.replace(path)
        else:
            os.utime(path)
        return data
