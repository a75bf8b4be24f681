"""The engine's JavaScript as it is installed with this package: every kernel, those that others import first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from hearth.browser import storage_names

NAMES_TOKEN = '"__HEARTH_NAMES__"'  # noqa: S105 - a placeholder
"""Stands in a kernel for the names of what is stored."""

IMPORT = re.compile(r"""(?P<before>\b(?:from|import)\s*["'])(?P<path>\./[^"']+)(?=["'])""")


def kernels() -> dict[str, str]:
    """The source of every kernel by its path in this package, in an order in which they can be loaded."""
    sources = dict(_found(files(__package__), ""))
    ordered: dict[str, str] = {}

    def add(path: str) -> None:
        if path not in ordered:
            for each in imports_of(path, sources[path]):
                add(each)
            ordered[path] = sources[path]

    for path in sorted(sources):
        add(path)
    return ordered


def imports_of(path: str, source: str) -> list[str]:
    """The kernels that a kernel imports, by their paths."""
    return [_beside(path, found["path"]) for found in IMPORT.finditer(source)]


def linked(path: str, source: str, addresses: Mapping[str, str]) -> str:
    """The source of a kernel that imports from other addresses."""
    return IMPORT.sub(lambda found: found["before"] + addresses[_beside(path, found["path"])], source)


def _beside(path: str, relative: str) -> str:
    return f"{path.rpartition('/')[0]}/{relative.removeprefix('./')}"


def _found(folder: Traversable, within: str) -> Iterator[tuple[str, str]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _found(each, f"{within}{each.name}/")
        elif each.name.endswith(".js"):
            source = each.read_text(encoding="utf-8")
            yield within + each.name, source.replace(NAMES_TOKEN, json.dumps(storage_names.for_scripts()))
