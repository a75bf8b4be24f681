"""A whole build of a small app, under the real Node.js and Pyodide: what changes, what does not, what is told."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from runtime import snapshot as snapshots
from runtime.build import Build
from runtime.errors import BuildError
from runtime.interpreter_files import template
from runtime.paths import CACHE, ROOT
from runtime.snapshot import Ingredients

PAGE = """<!doctype html>
<html lang="en"><head><title>Small</title><script src="runtime/boot.js"></script></head>
<body><script type="py">from app.main import start; start()</script></body></html>
"""
BOOT = 'const TRUSTED = "__HEARTH_TRUSTED_SCRIPT__";'


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    root = tmp_path_factory.mktemp("small")
    (root / "app").mkdir()
    (root / "app" / "__init__.py").write_text("")
    (root / "app" / "main.py").write_text("import js\nfrom js import document\n\ndef start(): ...\n")
    (root / "app" / "for_cpython.py").write_text("import cryptography\n")
    (root / "index.html").write_text(PAGE)
    (root / "runtime").mkdir()
    (root / "runtime" / "boot.js").write_text(BOOT)
    (root / "pyscript.toml").write_bytes((ROOT / "pyscript.toml").read_bytes())
    made = Build(root=root, dist=root / "dist", cache=root / "cache")
    (root / "cache").mkdir()
    # The vendored files are compressed for the real page already: that takes most of a minute.
    (root / "cache" / "compressed").symlink_to(CACHE / "compressed")
    (CACHE / "compressed").mkdir(parents=True, exist_ok=True)
    made.run()
    return made


def paths(build: Build) -> set[str]:
    manifest = json.loads((build.dist / "manifest.json").read_text())
    return {entry["path"] for entry in manifest["files"]}


def test_every_address_in_the_page_is_served(build: Build) -> None:
    page = (build.dist / "index.html").read_text()
    addresses = set(re.findall(r"/-/[\w./-]+", page))
    assert len(addresses) > 6
    assert addresses <= paths(build)


def test_the_worker_keeps_what_the_page_names_and_no_more_than_is_served(build: Build) -> None:
    worker = (build.dist / "sw.js").read_text()
    found = re.search(r"const PRECACHE = /\*\* @type {any} \*/ \((.*)\);", worker)
    assert found
    precache = json.loads(found[1])
    page = (build.dist / "index.html").read_text()
    assert set(re.findall(r"/-/[\w./-]+", page)) <= set(precache["files"]) <= paths(build)
    assert precache["marker"] in page


def test_no_token_is_left_over(build: Build) -> None:
    for path in paths(build):
        if path.endswith((".js", ".mjs", ".html")):
            assert b"__HEARTH_" not in (build.dist / path[1:]).read_bytes(), path


def test_nothing_is_done_when_nothing_changed(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> bytes:
        raise AssertionError("made again")

    monkeypatch.setattr(snapshots, "make_snapshot", never)
    assert build.run()["build"] == build.key()


def test_a_style_sheet_needs_no_new_snapshot(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "make_snapshot", lambda *_: pytest.fail("made again"))
    before = paths(build)
    (build.root / "runtime" / "boot.js").write_text(BOOT + "// changed")
    build.run()
    changed = {re.sub(r"\.[0-9a-f]{16}", "", path) for path in paths(build) ^ before}
    assert changed == {"/-/boot.js"}


def test_changed_python_is_never_served_stale(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def pretend(ingredients: Ingredients, _key: str) -> bytes:
        made.append(ingredients.contents["app/main.py"])
        return b"pretended" * 1000

    monkeypatch.setattr(snapshots, "make_snapshot", pretend)
    before = paths(build)
    old = (build.root / "app" / "main.py").read_bytes()
    (build.root / "app" / "main.py").write_bytes(old + b"# changed\n")
    build.run()
    assert made == [old + b"# changed\n"]
    gone = {re.sub(r"\.[0-9a-f]{16}", "", path) for path in before - paths(build)}
    assert gone == {"/-/snapshot.bin", "/-/hearth.zip", "/-/interpreter.mjs"}
    (build.root / "app" / "main.py").write_bytes(old)
    build.run()
    assert paths(build) == before
    assert len(made) == 1


def test_an_app_that_does_not_import_is_told_with_pythons_own_words(build: Build) -> None:
    main = build.root / "app" / "main.py"
    old = main.read_bytes()
    main.write_text("import no_such_module")
    with pytest.raises(BuildError, match="No module named 'no_such_module'"):
        build.run()
    main.write_bytes(old)


def test_a_folder_without_a_page_is_told(build: Build, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no index"):
        dataclasses.replace(build, root=tmp_path).run()


def test_a_template_without_its_token_is_told() -> None:
    with pytest.raises(BuildError, match="__HEARTH_GONE__"):
        template("sw.js", {"__HEARTH_GONE__": 1})
