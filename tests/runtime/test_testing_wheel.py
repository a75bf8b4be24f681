"""The wheel for tests: what is in it, and that both wheels work once pip has put them into an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from hearth_testing.server import Hearth
from runtime.paths import ROOT
from runtime.wheel import build_testing_wheel, build_wheel

SOMEBODYS_TEST = """
import pathlib, sys, urllib.request
import hearth, hearth_testing, server_mock

def test_it(hearth_server, account, faults, directus):
    for package in (hearth, hearth_testing, server_mock):
        assert pathlib.Path(package.__file__).is_relative_to(sys.prefix)
    assert len(account(chats=2, messages=1).chats) == 2
    directus.reset()
    directus.assert_requests(0)
    assert b"the built page" in urllib.request.urlopen(hearth_server.url + "/", timeout=20).read()
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both wheels, with a page of one file."""
    folder, dist = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("dist")
    content = b"<!doctype html><title>the built page</title>"
    (dist / "index.html").write_bytes(content)
    entry = {"path": "/index.html", "sha256": "0" * 64, "size": len(content), "type": "text/html"}
    files = [{**entry, "immutable": False, "encodings": {}}]
    (dist / "manifest.json").write_text(json.dumps({"build": "0", "app": "0", "files": files}))
    return [build_wheel(folder), build_testing_wheel(folder, dist)]


def sources(package: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in (ROOT / package).rglob("*.py")}


def test_it_holds_the_plugin_the_server_and_the_page(wheels: list[Path]) -> None:
    names = set(zipfile.ZipFile(wheels[1]).namelist())
    assert {name for name in names if name.endswith(".py")} == sources("hearth_testing") | sources("server_mock")
    assert {name for name in names if name.startswith("server_mock/page/")} == {
        "server_mock/page/index.html",
        "server_mock/page/manifest.json",
    }
    assert "hearth_testing/py.typed" in names
    others = {"hearth_testing", "server_mock", f"{wheels[1].name.removesuffix('-py3-none-any.whl')}.dist-info"}
    assert {name.partition("/")[0] for name in names} == others


def test_it_has_the_version_of_the_engine(wheels: list[Path]) -> None:
    versions = {wheel.name.split("-")[1] for wheel in wheels}
    assert len(versions) == 1


def test_without_a_page_there_is_still_a_wheel(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build_testing_wheel(tmp_path, tmp_path / "nothing")).namelist()
    assert not [name for name in names if name.startswith("server_mock/page")]


@pytest.fixture(scope="module")
def installed(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment in which pip has installed both wheels; what they need comes from this one."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    offline = ["--no-index", "--no-deps", "--quiet", "--disable-pip-version-check"]
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", *offline, *map(str, wheels)]
    subprocess.run(install, check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"))
    return python


def run_pytest(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Nothing of this repository's own settings: not its path, not its options.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    command = [str(python), "-m", "pytest", "-q", "-p", "no:playwright", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def test_pip_installs_both_and_the_fixtures_are_there(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_somebodys.py").write_text(SOMEBODYS_TEST)
    done = run_pytest(installed, tmp_path)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.soak
def test_the_conformance_suite_is_there_too(installed: Path, tmp_path: Path) -> None:
    server = Hearth(["--chats", "0"]).start()
    try:
        named = ("--pyargs", "hearth_testing.conformance.test_pushing", f"--server-url={server.url}")
        done = run_pytest(installed, tmp_path, *named)
    finally:
        server.kill()
    assert "5 passed" in done.stdout, done.stdout + done.stderr
