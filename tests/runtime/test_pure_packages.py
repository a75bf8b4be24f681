"""Which packages a fast start takes in, and the sentence for those that it cannot."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from runtime.errors import BuildError
from runtime.paths import NODE_MODULES
from runtime.pure_packages import PurePackages, compiled_packages
from runtime.vendor import package_folder


def wheel(folder: Path, name: str, *needs: str, tag: str = "py3-none-any", **files: str) -> Path:
    """A wheel with one module, what it needs, and other files."""
    path = folder / f"{name}-1.0-{tag}.whl"
    metadata = "\n".join(
        ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *map("Requires-Dist: {}".format, needs)]
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", f"name = {name!r}\n")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", metadata + "\n\n")
        for file, content in files.items():
            archive.writestr(file.replace("__", "."), content)
    return path


def modules(folder: Path, *packages: str, **options: frozenset[str]) -> set[str]:
    """The packages that are taken in."""
    return {
        name.partition("/")[0]
        for name in PurePackages([folder], **options).contents(packages)
        if "dist-info" not in name
    }


def test_a_package_comes_with_what_it_needs_in_a_browser(tmp_path: Path) -> None:
    wheel(tmp_path, "first", "Second_One>=1", 'win ; sys_platform == "win32"', 'old ; python_version < "3.9"')
    wheel(tmp_path, "second_one", "first")  # in a circle
    assert modules(tmp_path, "first") == {"first", "second_one"}
    assert modules(tmp_path, "/wheels/first-1.0-py3-none-any.whl") == {"first", "second_one"}


def test_an_extra_brings_what_it_names(tmp_path: Path) -> None:
    wheel(tmp_path, "first", 'second ; extra == "more"')
    wheel(tmp_path, "second")
    assert modules(tmp_path, "first") == {"first"}
    assert modules(tmp_path, "first[more]") == {"first", "second"}


def test_what_is_compiled_is_refused(tmp_path: Path) -> None:
    wheel(tmp_path, "fast", tag="cp314-cp314-pyodide_2026_0_wasm32")
    with pytest.raises(BuildError, match="fast cannot be taken in: it is compiled code"):
        modules(tmp_path, "fast")
    with pytest.raises(BuildError, match="numpy cannot be taken in"):
        modules(tmp_path, "numpy", compiled=compiled_packages(package_folder(NODE_MODULES, "pyodide")))
    with pytest.raises(BuildError, match="cannot be taken in"):
        modules(tmp_path, "https://files.example/other-1.0-cp314-cp314-linux_x86_64.whl")
    wheel(tmp_path, "sly", sly__so="ELF")
    with pytest.raises(BuildError, match=r"sly\.so is compiled code"):
        modules(tmp_path, "sly")


def test_what_is_not_here_is_said(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="the wheel of absent is not here"):
        modules(tmp_path, "absent")
    with pytest.raises(BuildError, match="not the name of a package"):
        modules(tmp_path, "what is this?")


def test_the_first_folder_comes_first(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        wheel(tmp_path / name, "first", **{f"{name}__txt": ""})
    found = PurePackages([tmp_path / "mine", tmp_path / "theirs"]).contents(["first"])
    assert "mine.txt" in found
    assert "theirs.txt" not in found
