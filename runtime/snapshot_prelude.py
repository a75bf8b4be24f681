"""Runs inside Pyodide while the snapshot is made: imports what the page imports, then tidies up."""

import contextlib
import gc
import importlib
import json
import linecache
import sys
import traceback

# What PyScript's own package, an ordinary traceback and the restored page need.
COMMON = ("asyncio", "html", "inspect", "os", "pathlib", "random", "textwrap", "time", "tokenize")


def prepare(plan: str) -> None:
    """Import the modules that `plan` names: JSON with the keys `mount`, `required` and `optional`.

    Raises what a required module raises. An optional one may fail to import (it may be for CPython alone):
    who imports it in the page meets the same error there.
    """
    wishes = json.loads(plan)
    sys.path.append(wishes["mount"])
    for name in (*COMMON, *wishes["required"]):
        importlib.import_module(name)
    for name in wishes["optional"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    try:
        json.loads("")  # the first traceback imports what it is drawn with
    except ValueError:
        traceback.format_exc()
    sys.path[:] = [entry for entry in sys.path if entry]  # Pyodide puts "" there at every start
    linecache.clearcache()
    gc.collect()
