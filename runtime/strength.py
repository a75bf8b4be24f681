"""The library that says how hard a password is to guess, as modules of our own origin that no first visit fetches."""

from __future__ import annotations

import re
from pathlib import Path

from runtime.vendor import package_folder

ENTRY = "password_score.mjs"
SOURCE = b"""
import { ZxcvbnFactory } from "./core/index.mjs";
import { adjacencyGraphs, dictionary } from "./common/index.mjs";

const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: 128 });

export const score = (password) => zxcvbn.check(password).score;
"""
"""What the page imports: how hard a password is to guess, from 0 to 4."""

FOLDERS = {"core": "@zxcvbn-ts/core", "common": "@zxcvbn-ts/language-common"}
"""Packages whose modules are taken, and the folders that they come to lie in."""

BARE = {
    "fastest-levenshtein": ("levenshtein.mjs", "fastest-levenshtein/esm/mod.js"),
    "@zxcvbn-ts/dictionary-compression/decompress": (
        "decompress.mjs",
        "@zxcvbn-ts/dictionary-compression/dist/decompress.mjs",
    ),
}
"""What they import by a package's name, which no browser knows: the file that it becomes, and where that comes from."""

_IMPORT = re.compile(rf"""(?P<before>\bfrom\s*["'])(?P<name>{"|".join(map(re.escape, BARE))})(?=["'])""")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*\n?", re.MULTILINE)


def strength_files(node_modules: Path) -> dict[str, bytes]:
    """Return the modules of zxcvbn-ts with its lists of common passwords, and ours, by paths relative to each other."""
    files = {ENTRY: SOURCE}
    for name, package in FOLDERS.items():
        folder = package_folder(node_modules, package) / "dist"
        for path in sorted(folder.rglob("*.mjs")):
            inside = path.relative_to(folder)
            files[f"{name}/{inside.as_posix()}"] = _module(path, up=len(inside.parts))
    for target, source in BARE.values():
        files[target] = _module(node_modules / source, up=0)
    return files


def _module(path: Path, up: int) -> bytes:
    """A module that lies `up` folders below the others, with names of packages as paths."""
    text = _SOURCE_MAP.sub("", path.read_text(encoding="utf-8"))
    return _IMPORT.sub(lambda found: f"{found['before']}{'../' * up or './'}{BARE[found['name']][0]}", text).encode()
