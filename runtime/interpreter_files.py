"""Adds to the assets what a fast start takes: PyScript's core, Pyodide, an archive of Python, and the snapshot."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.archive import make_archive
from runtime.assets import Assets, digest
from runtime.compression import QUICK
from runtime.errors import BuildError
from runtime.snapshot import MOUNT, Ingredients, snapshot
from runtime.sparse import pack
from runtime.vendor import core_chunk, pyodide_files, pyscript_files, wheels

STDLIB_MOUNT = "/lib/python314.zip"
HERE = Path(__file__).parent
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


@dataclass(frozen=True, slots=True)
class InterpreterFiles:
    """Addresses: of the module that PyScript loads as its interpreter, and of what the page names beside it."""

    interpreter: str
    core: str
    """The folder of PyScript's core."""
    preloads: list[str]
    placeholder: str


def add_interpreter(
    assets: Assets,
    ingredients: Ingredients,
    node_modules: Path,
    packages: Path,
    cache: Path,
    **more: Any,
) -> InterpreterFiles:
    """Add all of it; `more` is what interpreter.mjs is told besides. Raises `BuildError`."""
    pyscript = pyscript_files(node_modules)
    core = assets.add_folder("pyscript", pyscript)
    folder = assets.add_folder("pyodide", pyodide_files(node_modules))
    image = snapshot(ingredients, cache / "snapshots")
    packed, runs = pack(image)
    placeholder = assets.add("placeholder.zip", EMPTY_ZIP)
    runtime = {
        "indexURL": folder,
        "packages": assets.add_folder("packages", wheels(packages)),
        "lock": json.dumps(ingredients.lock),
        "stdlib": {"mount": STDLIB_MOUNT, "url": f"{folder}python_stdlib.zip"},
        "placeholder": placeholder,
        "archive": {"mount": MOUNT, "url": assets.add("hearth.zip", make_archive(ingredients.contents))},
        "snapshot": {
            "url": assets.add("snapshot.bin", packed, quality=QUICK),
            "sha256": digest(packed),
            "length": len(packed),
            "size": len(image),
            "runs": runs,
        },
        **more,
    }
    tokens = {"__HEARTH_PYODIDE__": f"{folder}pyodide.mjs", "__HEARTH_RUNTIME__": runtime}
    interpreter = assets.add("interpreter.mjs", template("interpreter.mjs", tokens))
    modules = [folder + "pyodide.mjs", folder + "pyodide.asm.mjs", core + core_chunk(pyscript)]
    preloads = [folder + "pyodide.asm.wasm", runtime["snapshot"]["url"], *modules]
    return InterpreterFiles(interpreter, core, preloads, placeholder)


def template(name: str, tokens: dict[str, Any]) -> bytes:
    """Return the script `name` of this folder with its tokens, quotes included, replaced by JSON values."""
    text = (HERE / name).read_text(encoding="utf-8")
    for token, value in tokens.items():
        quoted = json.dumps(token)
        if text.count(quoted) != 1:
            raise BuildError(f"runtime/{name} needs exactly one {quoted}.")
        text = text.replace(quoted, json.dumps(value))
    return text.encode()
