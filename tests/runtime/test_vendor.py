"""What is taken from npm and PyPI: the one trusted script, the lock, and sentences for what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.errors import BuildError
from runtime.paths import NODE_MODULES, WHEELS
from runtime.vendor import (
    core_chunk,
    error_chunk,
    lock,
    package_folder,
    pyodide_files,
    pyscript_files,
    trusted_script,
)

# What Chromium showed a page's policy when PyScript 0.7.31 started in it; Firefox leaves out the parentheses.
SEEN = (
    "(function anonymous(\n) {\nreturn(w,x)=>(async(e,t,...n)=>{for(const r of n)await r(e,t)})(w,x,...["
    '({interpreter:e})=>{e.registerJsModule("_pyscript",{fs:{ERROR:"storage permissions not granted",'
    'NAMESPACE:"@pyscript.fs"},interpreter:e})}])\n})'
)


def test_the_trusted_script_is_what_the_browser_is_shown() -> None:
    assert trusted_script(pyscript_files(NODE_MODULES)) == SEEN


def test_another_core_is_refused_with_a_sentence() -> None:
    files = pyscript_files(NODE_MODULES)
    files[core_chunk(files)] = files[core_chunk(files)].replace(b"return Function(`", b"return Function (`")
    with pytest.raises(BuildError, match="Trusted Types"):
        trusted_script(files)


def test_the_plugin_that_is_loaded_to_be_switched_off_exists() -> None:
    files = pyscript_files(NODE_MODULES)
    assert error_chunk(files) in files


def test_no_source_maps_are_served() -> None:
    assert not [name for name in pyscript_files(NODE_MODULES) if name.endswith(".map")]


def test_pyodide_is_complete() -> None:
    assert all(pyodide_files(NODE_MODULES).values())


def test_the_lock_names_our_wheels_and_no_others() -> None:
    packages = lock(package_folder(NODE_MODULES, "pyodide"), WHEELS)["packages"]
    assert packages.keys() == {"markdown-it-py", "mdurl", "micropip"}
    assert packages["markdown-it-py"]["depends"] == ["mdurl"]
    assert packages["markdown-it-py"]["imports"] == ["markdown_it"]
    for entry in packages.values():
        assert (WHEELS / entry["file_name"]).is_file()


def test_a_missing_package_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="make setup"):
        package_folder(tmp_path, "pyodide")
