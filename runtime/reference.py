"""Builds the API reference from the docstrings, with pdoc: `python -m runtime.reference FOLDER`."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pdoc
from pdoc import render

from runtime.paths import ROOT

PUBLIC = (
    "hearth.browser.client",
    "hearth.browser.crypto.webcrypto",
    "hearth.browser.device",
    "hearth.browser.idb",
    "hearth.browser.kernels",
    "hearth.core.errors",
    "hearth.core.records.envelope",
    "hearth.core.view.account",
    "hearth.core.view.chat_list",
    "hearth.core.view.message",
    "hearth.core.view.open_chat",
    "hearth.core.view.screen",
    "hearth.engine.engine",
    "hearth.engine.intents",
    "hearth.engine.plain_page",
    "hearth.headless.client",
    "hearth.headless.device",
    "hearth.ports.assistant",
    "hearth.ports.device",
    "hearth.ports.keys",
    "hearth.ports.network",
    "hearth.ports.page",
    "hearth.ports.storage",
    "hearth.ports.tabs",
    "hearth.testing.account",
    "hearth.testing.cpython_cipher",
    "hearth.testing.device",
    "hearth.testing.indexeddb",
    "hearth.testing.page",
)
"""The modules that other people's programs import."""

PAGE = ROOT / "docs/guide/reference.md"
BEGIN, END = "<!-- made by `make docs`: begin -->", "<!-- end -->"


class _Anything(ModuleType):
    """A module of the browser's, of which every name can be imported."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {"__module__": self.__name__})


def stand_in_for_the_browser() -> None:
    """Let modules be imported that import the browser's, which are not called here."""
    for name in ("js", "pyodide", "pyodide.ffi", "pyodide.code"):
        sys.modules.setdefault(name, _Anything(name))


def build(folder: Path) -> None:
    """Write the reference into a folder: `index.html`, and a page for each module."""
    stand_in_for_the_browser()
    # What is imported for type checkers alone, pdoc does not find; it shows such a type as it is written.
    warnings.filterwarnings("ignore", message="Error parsing type annotation", category=UserWarning)
    render.configure(docformat="markdown", show_source=False, footer_text="Hearth's engine")
    pdoc.pdoc(*PUBLIC, output_directory=folder)


def source_of(module: str) -> Path:
    """The file of a module or a package."""
    path = ROOT / "app" / module.replace(".", "/")
    return path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"


def sentence(source: Path) -> str:
    """What a module's docstring says first."""
    documented = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return " ".join(documented.split("\n\n")[0].split()).replace("|", "\\|")


def table() -> Iterator[str]:
    """The modules with their sentences, as Markdown."""
    yield "| module | |"
    yield "| --- | --- |"
    for module in PUBLIC:
        source = source_of(module)
        yield f"| [`{module}`](../../{source.relative_to(ROOT).as_posix()}) | {sentence(source)} |"


def updated(page: str) -> str:
    """The page with its table made anew."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n" + "\n".join(table()) + f"\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    build(target)
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"The API reference is in {target}/index.html.")
