"""What is loaded on demand stays out of the start, and every part of it is where the list says."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from runtime.archive import app_sources, module_names
from runtime.on_demand import ON_DEMAND, is_on_demand, parents, split
from runtime.paths import ROOT

SOURCES = app_sources(ROOT)


def imported_at_the_top(source: bytes) -> Iterator[str]:
    """The modules that running a module imports, those in its functions and for type checkers left out."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)


def test_nothing_that_the_start_imports_needs_what_is_loaded_on_demand() -> None:
    start, _ = split(SOURCES)
    at_start = {
        (path, name) for path, source in start.items() for name in imported_at_the_top(source) if is_on_demand(name)
    }
    assert at_start == set()


def test_every_name_of_the_list_is_there() -> None:
    _, later = split(SOURCES)
    found = set(module_names(list(later)))
    assert set(ON_DEMAND) <= found
    assert all(parent in {name.rpartition(".")[0] for name in ON_DEMAND} for parent in parents())


def test_sources_are_split_by_whole_names() -> None:
    names = [f"{ON_DEMAND[0].replace('.', '/')}{end}" for end in ("/__init__.py", "/part.py", "_like/part.py")]
    start, later = split(dict.fromkeys(names, b""))
    assert (list(start), list(later)) == (names[2:], names[:2])


def test_an_import_is_found_wherever_it_runs() -> None:
    source = b"""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import for_types
try:
    import early
except ImportError:
    from package import part
class Body:
    import inner
def later():
    import late
"""
    names = set(imported_at_the_top(source))
    assert {"early", "package", "package.part", "inner"} <= names
    assert not names & {"for_types", "late"}
