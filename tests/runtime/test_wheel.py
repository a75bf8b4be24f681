"""The engine's wheel: what is in it, and that it works where nothing of this repository is."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from examples.server import NAMES
from runtime.paths import ROOT
from runtime.wheel import build_wheel

KERNELS = {"hearth/browser/idb/idb_kernel.js", "hearth/browser/crypto/records.js"}
BROWSER_ONLY = ("hearth.browser",)

TRY_IT = """
import asyncio, importlib, pkgutil, sys
sys.path[:0] = sys.argv[1:]
import hearth
names = [each.name for each in pkgutil.walk_packages(hearth.__path__, "hearth.")]
for name in names:
    if not name.startswith("hearth.browser.") or name.startswith("hearth.browser.idb"):
        importlib.import_module(name)
from hearth.core.records.envelope import Place
from hearth.testing.cpython_cipher import CryptographyCipher

async def main():
    cipher, place = CryptographyCipher(), Place("me", "days", "1", "text")
    wrapping = (await cipher.derive(b"password", b"0" * 16, 1000)).wrapping
    key, wrapped = await cipher.create_key(wrapping, place)
    again = await cipher.unwrap_key(wrapping, wrapped, place)
    return await cipher.open(again, await cipher.seal(key, "kept", place), place)

assert hearth.__file__.startswith(sys.argv[1])
assert not any(name.split(".")[0] in ("app", "server_mock", "tests", "e2e", "runtime") for name in sys.modules)
print(len(names), asyncio.run(main()))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_it_holds_the_engine_with_its_kernels_and_types_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names} == {
        "hearth",
        f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info",
    }
    assert names >= KERNELS | {"hearth/py.typed"}
    sources = {str(path.relative_to(ROOT / "app")) for path in (ROOT / "app/hearth").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == sources


def test_its_version_is_the_projects_and_the_examples_name_it(wheel: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert wheel.name == f"hearth-{version}-py3-none-any.whl"
    for name in NAMES:
        settings = tomllib.loads((ROOT / f"examples/{name}/pyscript.toml").read_text())
        assert settings["packages"][0] == f"/wheels/{wheel.name}"
        assert set(settings["packages"][1:]) <= {"markdown-it-py"}  # what the extra `engine` of the wheel names


def test_it_works_in_an_environment_without_this_repository(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    command = [sys.executable, "-I", "-c", TRY_IT, str(target), sysconfig.get_path("purelib")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, said = done.stdout.split()
    assert (int(count) > 150, said) == (True, "kept")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short(name: str) -> None:
    most = {"chat": 60}.get(name, 80)
    assert len((ROOT / f"examples/{name}/main.py").read_text().splitlines()) <= most
