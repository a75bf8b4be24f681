"""What the build tells the server of the page's files: `manifest.json`, beside them.

{"build": KEY, "app": HASH,
"files": [{"path": "/-/core.0123….js", "sha256": …, "size": BYTES, "type": CONTENT-TYPE,
"immutable": true, "encodings": {"br": BYTES, "gzip": BYTES}}]}
"""

from __future__ import annotations

from typing import TypedDict

SUFFIXES = {"br": ".br", "gzip": ".gz"}


class FileEntry(TypedDict):
    """One file of the manifest; sizes are in bytes."""

    path: str
    sha256: str
    size: int
    type: str
    immutable: bool
    encodings: dict[str, int]


class Manifest(TypedDict):
    """What `manifest.json` holds."""

    build: str
    app: str
    files: list[FileEntry]
