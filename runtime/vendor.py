"""What the page takes from npm and PyPI: PyScript's core, Pyodide, and pure wheels, checked and listed."""

from __future__ import annotations

import json
import re
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from runtime.assets import digest
from runtime.errors import BuildError

PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")


def package_folder(node_modules: Path, name: str) -> Path:
    """Return the folder of the npm package `name`, or raise `BuildError` when it is not installed."""
    folder = node_modules / name
    if not (folder / "package.json").is_file():
        raise BuildError(f"{name} is not installed: run 'make setup'.")
    return folder


def package_version(folder: Path) -> str:
    """Return the version that the npm package in `folder` states."""
    return str(json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"])


def pyodide_files(node_modules: Path) -> dict[str, bytes]:
    """Return the files of Pyodide that a page needs, by name."""
    folder = package_folder(node_modules, "pyodide")
    return {name: (folder / name).read_bytes() for name in PYODIDE_FILES}


def pyscript_files(node_modules: Path) -> dict[str, bytes]:
    """Return the modules of PyScript's core, by name; source maps stay behind."""
    folder = package_folder(node_modules, "@pyscript/core") / "dist"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.js"))}


def core_chunk(pyscript: dict[str, bytes]) -> str:
    """Return the name of the module that holds PyScript's core, which `core.js` only re-exports."""
    found = re.search(r'from"\./(core-[\w-]+\.js)"', pyscript["core.js"].decode())
    if not found or found[1] not in pyscript:
        raise BuildError("PyScript's core.js no longer re-exports one core module: adapt runtime/vendor.py.")
    return found[1]


def error_chunk(pyscript: dict[str, bytes]) -> str:
    """Return the name of the one plug-in that the core loads even when it is switched off, to switch it off."""
    found = re.search(r'error:\(\)=>import\("\./(error-[\w-]+\.js)"\)', pyscript[core_chunk(pyscript)].decode())
    if not found or found[1] not in pyscript:
        raise BuildError("PyScript's core no longer loads its error plug-in as it did: adapt runtime/vendor.py.")
    return found[1]


def trusted_script(pyscript: dict[str, bytes]) -> str:
    """Return the one string that PyScript's core turns into code, exactly as the browser is shown it.

    The core stringifies the hooks of its workers with `Function`. A page with Trusted Types has to name what
    it lets through; this finds the parts in the minified core and joins them as the core and the browser do.
    """
    source = pyscript[core_chunk(pyscript)].decode()
    caller = re.search(r'endsWith\("Async"\)\?(async\(.+?\}):\(', source)
    template = re.search(r"return Function\(`(return\(w,x\)=>\(\$\{\w+\}\)\(w,x,\.\.\.\[\$\{\w+\}\]\))`\)", source)
    hook = re.search(r"worker:\{onReady:new \w+,.*?onBeforeRunAsync:new \w+\(\[(.+?\}\)\})\]\)", source)
    if not (caller and template and hook):
        raise BuildError(
            "the script that PyScript's core needs Trusted Types to allow was not found in it: "
            "compare createFunction in its hooks with runtime/vendor.py."
        )
    parts = iter((caller[1], hook[1]))
    body = re.sub(r"\$\{\w+\}", lambda _: next(parts), template[1])
    return f"(function anonymous(\n) {{\n{body}\n}})"


def wheels(folder: Path) -> dict[str, bytes]:
    """Return the page's wheels by file name, or raise `BuildError` when they are not downloaded."""
    found = {path.name: path.read_bytes() for path in sorted(folder.glob("*.whl"))}
    if not found:
        raise BuildError("the page's Python packages are not downloaded: run 'make setup'.")
    return found


def lock(pyodide: Path, packages: Path) -> dict[str, Any]:
    """Return a Pyodide lock that lists the vendored wheels and nothing else.

    So `loadPackage` finds micropip on this origin, and no package is ever looked for on another.
    """
    info = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]
    return {
        "info": info,
        "packages": {entry["name"]: entry for entry in map(_lock_entry, sorted(packages.glob("*.whl")))},
    }


def _lock_entry(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata_name = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(metadata_name).decode())
    requirements = metadata.get_all("Requires-Dist") or []
    return {
        "name": re.sub(r"[-_.]+", "-", str(metadata["Name"])).lower(),
        "version": str(metadata["Version"]),
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": digest(wheel.read_bytes()),
        "package_type": "package",
        "imports": sorted({name.split("/")[0] for name in names if name.endswith("/__init__.py")}),
        "depends": [re.split(r"[^\w.-]", text)[0].lower() for text in requirements if "extra ==" not in text],
        "unvendored_tests": False,
    }
