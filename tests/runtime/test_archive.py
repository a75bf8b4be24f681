"""The archive that Python imports from: the same for the same sources, and importable."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from runtime.archive import app_sources, bundled_wheels, make_archive, module_names
from runtime.errors import BuildError


def test_the_same_sources_give_the_same_bytes() -> None:
    one = make_archive({"app/a.py": b"1", "app/b.py": b"2"})
    other = make_archive({"app/b.py": b"2", "app/a.py": b"1"})
    assert one == other


def test_python_imports_from_it(tmp_path: Path) -> None:
    archive = tmp_path / "hearth.zip"
    archive.write_bytes(make_archive({"pack/__init__.py": b"", "pack/part.py": b"ANSWER = 42"}))
    command = [sys.executable, "-c", "import pack.part; print(pack.part.ANSWER)"]
    done = subprocess.run(command, env={"PYTHONPATH": str(archive)}, capture_output=True, text=True, check=True)
    assert done.stdout == "42\n"


def test_sources_are_the_apps_python_and_no_leftovers(tmp_path: Path) -> None:
    for name in (
        "app/main.py",
        "app/hearth/core/protocol/codec.py",
        "app/page/styles/main.css",
        "app/__pycache__/main.py",
        "app/hearth/testing/fakes.py",
        "other/x.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert set(app_sources(tmp_path)) == {"app/main.py", "hearth/core/protocol/codec.py"}


def test_wheels_are_unpacked_except_what_is_installed_on_demand(tmp_path: Path) -> None:
    for wheel, module in (("md-1-py3-none-any.whl", "md/__init__.py"), ("micropip-1-py3-none-any.whl", "micropip.py")):
        with zipfile.ZipFile(tmp_path / wheel, "w") as archive:
            archive.writestr(module, "x = 1")
    assert bundled_wheels(tmp_path) == {"md/__init__.py": b"x = 1"}


def test_missing_wheels_are_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="make setup"):
        bundled_wheels(tmp_path)


def test_module_names() -> None:
    assert module_names(["hearth/core/protocol/codec.py", "app/main.py", "app/__init__.py"]) == [
        "app",
        "app.main",
        "hearth.core.protocol.codec",
    ]
