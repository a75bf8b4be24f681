"""Runs inside Pyodide while the snapshot is made: imports what the page imports, then tidies up."""

import builtins
import contextlib
import gc
import importlib
import json
import linecache
import sys
import traceback
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import FunctionType
from typing import Any

# What PyScript's own package, an ordinary traceback and the restored page need.
COMMON = ("asyncio", "html", "inspect", "os", "pathlib", "random", "textwrap", "time", "tokenize")

OWN: set[str] = set()
"""The packages of which only what runs is kept: Hearth's, and what it bundles. Other apps' may need the rest."""

LARGEST_SMALL_BLOCK, BLOCK_STEP = 512, 8  # bytes: SMALL_REQUEST_THRESHOLD and ALIGNMENT of CPython's obmalloc.c
BYTES_HEADER = sys.getsizeof(b"")
SCRUBBED = 1 << 19  # bytes of each size: more than the half-used pools of any size hold


def prepare(plan: str) -> None:
    """Import the modules that `plan` names: JSON with the keys `mount`, `required`, `optional` and `lighten`.

    From the packages of `lighten` docstrings, assertions and the types of functions are taken away. Raises what a
    required module raises. An optional one may fail to import (it may be for CPython alone): who imports it in the page
    meets the same error there.
    """
    wishes = json.loads(plan)
    sys.path.append(wishes["mount"])
    OWN.update(wishes["lighten"])
    builtins.compile = without_docstrings  # type: ignore[assignment]
    for name in (*COMMON, *wishes["required"]):
        importlib.import_module(name)
    for name in wishes["optional"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    builtins.compile = compile_as_written
    forget_annotations()
    forget_signatures()
    try:
        json.loads("")  # the first traceback imports what it is drawn with
    except ValueError:
        traceback.format_exc()
    defer("pyscript", Path.cwd() / "pyscript")
    sys.path[:] = [entry for entry in sys.path if entry]  # Pyodide puts "" there at every start
    linecache.clearcache()
    gc.collect()
    scrub()


compile_as_written = builtins.compile


def without_docstrings(source: Any, filename: Any, mode: str, flags: int = 0, dont_inherit: bool = False) -> Any:
    """Compile for the snapshot: nobody reads a docstring of our own there, and all would travel with every first visit.

    Whenever a module is compiled, those before it are lightened: what they held then gives its place to the new ones.
    """
    forget_annotations()
    is_own = any(f".zip/{name}/" in str(filename) for name in OWN)
    return compile_as_written(source, filename, mode, flags, dont_inherit, optimize=2 if is_own else -1)


def forget_annotations() -> None:
    """Take away what functions say of their types, which nobody asks them; what classes say of their fields stays."""
    for name, module in list(sys.modules.items()):
        if name in _light or name.partition(".")[0] not in OWN or getattr(module.__spec__, "_initializing", False):
            continue
        _light.add(name)
        for value in list(vars(module).values()):
            if getattr(value, "__module__", None) == name:
                for each in (value, *(vars(value).values() if isinstance(value, type) else ())):
                    lighten(each)


def lighten(value: Any) -> None:
    """Take the annotations from a function, or from those in a method's wrapper."""
    for each in (value, *(getattr(value, name, None) for name in ("fget", "fset", "__func__", "__wrapped__"))):
        if isinstance(each, FunctionType):
            del each.__annotations__


_light: set[str] = set()


def forget_signatures() -> None:
    """Take away what `dataclasses` writes as the docstring of a class without one: its signature."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in OWN:
            for value in vars(module).values():
                if isinstance(value, type) and value.__module__ == name:
                    value.__doc__ = None


def scrub() -> None:
    """Overwrite with zeros what Python's own allocator has been given back: it is dead weight in the snapshot.

    Blocks of up to 512 bytes lie in pools, one size to a pool; so each size is taken until its half-used pools
    are full, and freed. (`scrub` in snapshot.mjs does the same for what is larger.)
    """
    for size in range(LARGEST_SMALL_BLOCK, BYTES_HEADER, -BLOCK_STEP):
        taken = [bytes(size - BYTES_HEADER) for _ in range(SCRUBBED // size)]
        del taken
    gc.collect()


def defer(name: str, folder: Path) -> None:
    """Let the package `name`, which will lie in `folder`, run when it is first used rather than when imported.

    PyScript writes its own package into the page at every start and imports it at once. `LazyLoader` would
    not do: Python looks at a module's `__spec__` when it is imported again, and that counts as use there.
    """
    source = folder / "__init__.py"
    loader = SourceFileLoader(name, str(source))
    spec = ModuleSpec(name, loader, origin=str(source), is_package=True)
    spec.submodule_search_locations = [str(folder)]
    module = module_from_spec(spec)

    def run_first(attribute: str) -> object:
        del module.__getattr__
        loader.exec_module(module)
        return getattr(module, attribute)

    module.__getattr__ = run_first  # type: ignore[method-assign]
    sys.modules[name] = module
