"""Imports modules that the start-up snapshot leaves out: their archive is fetched when the first of them is needed."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import js
from pyodide.ffi import JsException

from hearth.core.errors import NotLoaded

NOT_LOADED = "This part of Hearth could not be loaded. Check your connection, then try again, or reload the page."

_turn = asyncio.Lock()
"""Who wants a module while the archive is on its way waits for the same archive."""

_mounted: set[str] = set()


async def load(module: str) -> ModuleType:
    """Import a module, from the archive that `runtime/on_demand.py` fills or from what is here. Raises `NotLoaded`."""
    async with _turn:
        if module not in sys.modules:
            await _fetch_archive()
    return importlib.import_module(module)


async def _fetch_archive() -> None:
    """Fetch the archive and let Python import from it; a page whose Hearth was installed as a wheel has none."""
    files = getattr(js.hearth, "onDemand", None)
    mount = str(files.mount) if files else ""
    if not files or mount in _mounted:
        return
    try:
        response = await js.fetch(files.url)
        content = (await response.arrayBuffer()).to_bytes() if response.ok else b""
    except JsException:
        content = b""
    if not content:
        raise NotLoaded(NOT_LOADED)
    _add(content, mount, [str(parent) for parent in files.parents])
    _mounted.add(mount)


def _add(content: bytes, mount: str, parents: Sequence[str]) -> None:
    """Put an archive into Python's file system, as one more place of the packages that it has parts of."""
    Path(mount).write_bytes(content)
    for parent in parents:
        importlib.import_module(parent).__path__.append(f"{mount}/{parent.replace('.', '/')}")
