"""The app's Python and its wheels as one zip to import from: the same bytes for the same sources."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from runtime.vendor import wheels

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest moment that a zip can state: a build's own would change its hash

# Installed on demand, by whoever prototypes; the app itself never imports it.
NOT_BUNDLED = ("micropip-",)

ENGINE = "app/hearth/"

# What tests of the engine and other people's pages need, and this page does not.
NOT_IN_THE_PAGE = (
    "hearth/testing/",
    "hearth/headless/",
    "hearth/browser/client.py",
    "hearth/browser/kernel_files.py",
    "hearth/browser/kernels.py",
    "hearth/engine/plain_page.py",
)


def app_sources(root: Path) -> dict[str, bytes]:
    """Return every Python file that the page may import by its import path: `hearth/…` for the engine, else `app/…`."""
    files = {
        import_path(path.relative_to(root).as_posix()): path
        for path in sorted((root / "app").rglob("*.py"))
        if "__pycache__" not in path.parts
    }
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(NOT_IN_THE_PAGE)}


def import_path(path: str) -> str:
    """Return where a source file lies when it is imported: the engine is a package of its own."""
    return path.removeprefix("app/") if path.startswith(ENGINE) else path


def bundled_wheels(folder: Path) -> dict[str, bytes]:
    """Return the Python files of the wheels that the app imports, by their import paths."""
    contents: dict[str, bytes] = {}
    for name, wheel in wheels(folder).items():
        if name.startswith(NOT_BUNDLED):
            continue
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            for entry in archive.namelist():
                if not entry.endswith("/"):
                    contents[entry] = archive.read(entry)
    return contents


def make_archive(contents: dict[str, bytes]) -> bytes:
    """Return a zip of `contents`, deterministic down to the byte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
    return packed.getvalue()


def module_names(paths: list[str]) -> list[str]:
    """Return the dotted names of the modules at `paths` (relative, with slashes), sorted."""
    return sorted(path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths)
