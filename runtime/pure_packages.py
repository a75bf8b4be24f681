"""The packages that an app names, and what these need, as the files of their wheels: pure Python, found in folders."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runtime.errors import BuildError

PURE = "-none-any.whl"
EXTENSIONS = (".so", ".pyd", ".dylib")
PYODIDE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.0",
    "python_version": "3.14",
    "sys_platform": "emscripten",
}
"""The environment that a package's own conditions are about."""


def compiled_packages(pyodide: Path) -> frozenset[str]:
    """The packages that Pyodide offers and that are compiled for it."""
    listed = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    return frozenset(canonicalize_name(name) for name, entry in listed.items() if not entry["file_name"].endswith(PURE))


@dataclass(frozen=True, slots=True)
class PurePackages:
    """Looks for wheels in folders, those that come first before the others; `compiled` are known to have none."""

    folders: Sequence[Path]
    compiled: frozenset[str] = frozenset()

    def contents(self, packages: Sequence[str]) -> dict[str, bytes]:
        """The files of these packages and of what they need, by import path. Raises `BuildError`.

        A package is a name, which may have extras, or the address of a wheel.
        """
        found: dict[str, bytes] = {}
        done: set[tuple[str, frozenset[str]]] = set()
        waiting = list(packages)
        while waiting:
            wheel, extras = self._find(waiting.pop())
            if (wheel.name, extras) not in done:
                done.add((wheel.name, extras))
                found |= files_of(wheel)
                waiting += needs_of(wheel, extras)
        return found

    def _find(self, package: str) -> tuple[Path, frozenset[str]]:
        address = package.partition("?")[0]
        if address.endswith(".whl"):
            file = address.rsplit("/", 1)[-1]
            fitting = [path for path in self._wheels() if path.name == file]
            return self._pure(package, fitting, compiled=not file.endswith(PURE)), frozenset()
        try:
            wanted = Requirement(package)
        except InvalidRequirement:
            raise BuildError(f'"{package}" is not the name of a package, nor the address of a wheel.') from None
        name = canonicalize_name(wanted.name)
        fitting = [path for path in self._wheels() if canonicalize_name(path.name.split("-", maxsplit=1)[0]) == name]
        return self._pure(package, fitting, compiled=name in self.compiled), frozenset(wanted.extras)

    def _wheels(self) -> Iterator[Path]:
        for folder in self.folders:
            yield from sorted(folder.glob("*.whl"), reverse=True)

    def _pure(self, package: str, fitting: Sequence[Path], *, compiled: bool) -> Path:
        pure = [path for path in fitting if path.name.endswith(PURE)]
        if pure:
            return pure[0]
        if fitting or compiled:
            raise BuildError(
                f"{package} cannot be taken in: it is compiled code, and a snapshot holds pure Python only."
            )
        raise BuildError(f"the wheel of {package} is not here: 'pip download' it, and name its folder with --wheels.")


def files_of(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel, by import path. Raises `BuildError` for one that holds compiled code."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        compiled = [name for name in names if name.endswith(EXTENSIONS)]
        if compiled:
            raise BuildError(f"{wheel.name} cannot be taken in: {compiled[0]} is compiled code.")
        moved = {name: re.sub(r"^[^/]+\.data/(?:purelib|platlib)/", "", name) for name in names}
        return {moved[name]: archive.read(name) for name in names}


def needs_of(wheel: Path, extras: frozenset[str] = frozenset()) -> Iterator[str]:
    """The packages that a wheel needs in Pyodide, with these extras of its own."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    for text in metadata.get_all("Requires-Dist") or []:
        need = Requirement(text)
        if need.marker is None or any(need.marker.evaluate({**PYODIDE, "extra": each}) for each in (*extras, "")):
            yield f"{need.name}[{','.join(sorted(need.extras))}]" if need.extras else need.name
